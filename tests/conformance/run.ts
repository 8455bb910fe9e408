// Runs the official conformance suite against the fixture server, directly and through the gateway with one replica and
// with two, for both scored revisions; every check must come out through the gateway as it comes out directly.
//
//   node tests/conformance/run.ts [--direct]      --direct: only the fixture, no gateway
//
// Ends with 0 when the fixture passes everything that is scored and the gateway changes nothing.

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeServer, ROOT, startGateway, temporaryDirectory } from '../system/harness/gateway.ts';
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
  url: string;
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

async function startFixture(scope: Scope): Promise<Setting> {
  const fixture = new RunningProcess(scope, process.execPath, [resolve(ROOT, FIXTURE)], { env: { PORT: '0' } });
  const [, url] = await fixture.line(/fixture listening on (\S+)/);
  return { name: 'direct', url: url! };
}

async function startThroughGateway(scope: Scope, replicaCount: number): Promise<Setting> {
  const server = nodeServer('conformance', FIXTURE, [], { transport: 'http', replicaCount });
  const gateway = await startGateway(scope, { config: { servers: [server] } });
  await gateway.ready('conformance', replicaCount);
  return {
    name: `gateway, ${replicaCount} replica${replicaCount > 1 ? 's' : ''}`,
    url: gateway.endpoint('conformance').href,
  };
}

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
  const widths = [22, 12, 9, 9, 9, 9, 12];
  console.log(cells.map((cell, index) => String(cell).padEnd(widths[index]!)).join(''));
}

async function main(scope: Scope): Promise<boolean> {
  const { values } = parseArgs({ options: { direct: { type: 'boolean', default: false } } });
  const settings = [await startFixture(scope)];
  if (!values.direct) {
    for (const replicas of [1, 2]) settings.push(await startThroughGateway(scope, replicas));
  }

  const problems: string[] = [];
  const direct = new Map<Revision, Outcome>();
  printRow('setting', 'revision', 'verdict', 'passed', 'failed', 'warned', 'differs');
  for (const { name, url } of settings) {
    for (const revision of REVISIONS) {
      const outcome = await runSuite(scope, url, revision);
      if (!direct.has(revision)) direct.set(revision, outcome);
      const differing = differences(direct.get(revision)!, outcome);
      const verdict = outcome.passed ? 'pass' : 'FAIL';
      const counts = ['SUCCESS', 'FAILURE', 'WARNING'].map((status) => count(outcome, status));
      printRow(name, revision, verdict, ...counts, differing.length || 'nothing');
      if (differing.length > 0) problems.push(`${name}, ${revision}:`, ...differing);
      if (!outcome.passed) problems.push(`${name}, ${revision}: the suite says`, outcome.log.split('=== SUMMARY ===')[1] ?? outcome.log);
    }
  }
  console.log('\nFailed checks of the tasks extension are not scored: the SDK of the fixture does not implement it.');
  if (problems.length > 0) console.log(`\n${problems.join('\n')}`);
  return problems.length === 0;
}

process.exitCode = (await withScope(main)) ? 0 : 1;
