// Runs the official conformance suite for both scored revisions against the fixture server: directly, through its adapter
// with one replica and with two, and as one of the servers of /mcp, alone and beside forty others.
//
//   node tests/conformance/run.ts [--only <text>]      --only: the settings whose name has this text
//
// Ends with 0 when everything that is scored passes in every setting, and every check comes out through an adapter as it
// comes out directly. /mcp is a server of its own, so checks that are not scored may come out otherwise there; they are
// listed.

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { mcp, startFederation } from '../system/harness/federation.ts';
import { nodeServer, ROOT, startGateway, temporaryDirectory, type ServerConfig } from '../system/harness/gateway.ts';
import { LightServer, tool } from '../system/harness/light-server.ts';
import { RunningProcess } from '../system/harness/processes.ts';
import { withScope, type Scope } from '../system/harness/scope.ts';

const REVISIONS = ['2025-11-25', '2026-07-28'] as const;
const FIXTURE = 'tests/conformance/fixture-server.ts';
const SUITE = resolve(ROOT, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');

type Revision = (typeof REVISIONS)[number];

interface Outcome {
  /** Of the scored scenarios, warnings included: the suite's own verdict. */
  passed: boolean;
  /** Scenario, check → how it came out; a check that ran several times has all its outcomes. */
  checks: Map<string, string>;
  log: string;
}

interface Setting {
  name: string;
  /** Every check must come out as directly. */
  transparent: boolean;
  /** Where to reach it, once it runs. */
  start: (scope: Scope) => Promise<string>;
}

async function runSuite(scope: Scope, url: string, revision: Revision): Promise<Outcome> {
  const directory = await temporaryDirectory(scope);
  const results = mkdtempSync(join(directory, 'results-'));
  // With a baseline, even an empty one, warnings count.
  const baseline = join(directory, 'expected-failures.yml');
  writeFileSync(baseline, 'server: []\n');
  const suite = new RunningProcess(
    scope,
    process.execPath,
    [SUITE, 'server', '--url', url, '--requirements', revision, '--expected-failures', baseline, '-o', results],
    { cwd: directory },
  );
  const { code } = await suite.exited;
  return { passed: code === 0, checks: readChecks(results), log: suite.stdout.join('\n') };
}

function readChecks(results: string): Map<string, string> {
  const checks = new Map<string, string[]>();
  for (const directory of readdirSync(results)) {
    const scenario = directory.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T[\d-]+Z$/, '');
    const file = readFileSync(join(results, directory, 'checks.json'), 'utf8');
    for (const { id, status } of JSON.parse(file) as { id: string; status: string }[]) {
      // Only traffic notes: how many there are says nothing.
      if (status === 'INFO') continue;
      const name = `${scenario} · ${id}`;
      checks.set(name, [...(checks.get(name) ?? []), status]);
    }
  }
  return new Map([...checks].map(([name, statuses]) => [name, statuses.sort().join(' ')]));
}

async function startFixture(scope: Scope): Promise<string> {
  const fixture = new RunningProcess(scope, process.execPath, [resolve(ROOT, FIXTURE)], { env: { PORT: '0' } });
  return (await fixture.line(/fixture listening on (\S+)/))[1]!;
}

const fixtureServer = (more: object = {}): ServerConfig => nodeServer('conformance', FIXTURE, [], { transport: 'http', ...more });

async function startAdapter(scope: Scope, replicaCount: number): Promise<string> {
  const gateway = await startGateway(scope, { config: { servers: [fixtureServer({ replicaCount })] } });
  await gateway.ready('conformance', replicaCount);
  return gateway.endpoint('conformance').href;
}

/** A server that has a little of everything, under names that nobody else has. */
const neighbour = (scope: Scope, index: number): Promise<LightServer> =>
  LightServer.start(scope, `neighbour-${index}`, {
    era: index % 2 ? 'modern' : 'legacy',
    tools: Array.from({ length: 5 }, (_, each) => tool(`neighbour_${index}_tool_${each}`)),
    prompts: [{ name: `neighbour_${index}_prompt`, description: 'A prompt of a neighbour.' }],
    resources: [{ uri: `neighbour-${index}://one`, name: 'one' }],
    resourceTemplates: [{ uriTemplate: `neighbour-${index}://{id}/more`, name: 'more' }],
  });

async function startMcp(scope: Scope, neighbours: number): Promise<string> {
  const others = await Promise.all(Array.from({ length: neighbours }, (_, index) => neighbour(scope, index)));
  const servers = others.map((each) => each.config());
  // In the middle: neither first nor last.
  servers.splice(neighbours / 2, 0, fixtureServer());
  return mcp(await startFederation(scope, servers)).href;
}

const SETTINGS: Setting[] = [
  { name: 'direct', transparent: true, start: startFixture },
  { name: 'adapter, 1 replica', transparent: true, start: (scope) => startAdapter(scope, 1) },
  { name: 'adapter, 2 replicas', transparent: true, start: (scope) => startAdapter(scope, 2) },
  { name: '/mcp', transparent: false, start: (scope) => startMcp(scope, 0) },
  { name: '/mcp beside 40 others', transparent: false, start: (scope) => startMcp(scope, 40) },
];

function differences(direct: Outcome, other: Outcome): string[] {
  const names = new Set([...direct.checks.keys(), ...other.checks.keys()]);
  return [...names].sort().flatMap((name) => {
    const [expected, actual] = [direct.checks.get(name) ?? 'absent', other.checks.get(name) ?? 'absent'];
    return expected === actual ? [] : [`  ${name}: ${expected} directly, ${actual} here`];
  });
}

const count = (outcome: Outcome, status: string): number =>
  [...outcome.checks.values()].flatMap((statuses) => statuses.split(' ')).filter((each) => each === status).length;

function printRow(...cells: (string | number)[]): void {
  const widths = [24, 12, 9, 9, 9, 9, 12];
  console.log(cells.map((cell, index) => String(cell).padEnd(widths[index]!)).join(''));
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  // Everything is compared with the fixture itself.
  const settings = SETTINGS.filter(({ name }) => name === 'direct' || name.includes(values.only));

  const problems: string[] = [];
  const notes: string[] = [];
  const direct = new Map<Revision, Outcome>();
  printRow('setting', 'revision', 'verdict', 'passed', 'failed', 'warned', 'differs');
  for (const { name, transparent, start } of settings) {
    const outcomes = await withScope(async (scope) => {
      const url = await start(scope);
      const all: [Revision, Outcome][] = [];
      for (const revision of REVISIONS) all.push([revision, await runSuite(scope, url, revision)]);
      return all;
    });
    for (const [revision, outcome] of outcomes) {
      if (!direct.has(revision)) direct.set(revision, outcome);
      const differing = differences(direct.get(revision)!, outcome);
      const verdict = outcome.passed ? 'pass' : 'FAIL';
      const counts = ['SUCCESS', 'FAILURE', 'WARNING'].map((status) => count(outcome, status));
      printRow(name, revision, verdict, ...counts, differing.length || 'nothing');
      if (differing.length > 0) (transparent ? problems : notes).push(`${name}, ${revision}:`, ...differing);
      if (!outcome.passed) problems.push(`${name}, ${revision}: the suite says`, outcome.log.split('=== SUMMARY ===')[1] ?? outcome.log);
    }
  }
  console.log('\nFailed checks of the tasks extension are not scored: the SDK of the fixture does not implement it.');
  if (notes.length > 0) console.log(`\nDifferent under /mcp, and not scored where the verdict is pass:\n${notes.join('\n')}`);
  if (problems.length > 0) console.log(`\nWrong:\n${problems.join('\n')}`);
  return problems.length === 0;
}

process.exitCode = (await main()) ? 0 : 1;
