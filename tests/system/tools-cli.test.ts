// `mcp-gateway tools`: from the command line, against a running gateway or straight from a configuration file.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  BINARY,
  everythingServer,
  exampleServer,
  ROOT,
  startGateway,
  temporaryDirectory,
  type Config,
} from './harness/gateway.ts';
import { RunningProcess } from './harness/processes.ts';
import type { Scope } from './harness/scope.ts';
import { Upstream, withHandshake, type Exchange } from './harness/upstream.ts';
import { eventually } from './harness/wait.ts';

interface Done {
  code: number | null;
  out: string;
  err: string;
}

function begin(scope: Scope, words: string[], env: NodeJS.ProcessEnv = {}): RunningProcess {
  return new RunningProcess(scope, BINARY, ['tools', ...words], {
    cwd: ROOT,
    env: { PATH: dirname(process.execPath) + delimiter + process.env.PATH, ...env },
  });
}

async function tools(scope: Scope, words: string[], env: NodeJS.ProcessEnv = {}): Promise<Done> {
  const run = begin(scope, words, env);
  const { code } = await run.exited;
  await run.closed;
  return { code, out: run.stdout.join('\n'), err: run.stderr.join('\n') };
}

/** A configuration file, and a folder for temporary files in which nothing may be left. */
async function place(scope: Scope, config: Config): Promise<{ file: string; env: NodeJS.ProcessEnv; left: () => string[] }> {
  const folder = await temporaryDirectory(scope);
  const temporary = await temporaryDirectory(scope);
  const file = join(folder, 'gw.yaml');
  writeFileSync(file, JSON.stringify(config));
  return { file, env: { TMPDIR: temporary }, left: () => readdirSync(temporary) };
}

/** A server whose tool `slow` never ends. */
const slow = withHandshake((exchange: Exchange) => {
  if (exchange.request.method !== 'POST') return exchange.response.writeHead(405).end();
  if (exchange.message.method === 'tools/list') {
    return exchange.result({ tools: [{ name: 'slow', inputSchema: { type: 'object' } }] });
  }
  if (exchange.message.method === 'tools/call') return exchange.startEvents();
  return exchange.json({ jsonrpc: '2.0', id: exchange.message.id, error: { code: -32601, message: 'no' } });
});

test('tools of a running gateway are listed, described and called', async (t) => {
  const gateway = await startGateway(t, {
    config: {
      servers: [exampleServer(), everythingServer()],
      virtualServers: [{ name: 'sums', tools: ['get-s*'] }],
    },
  });
  const env = { MCP_GATEWAY_URL: gateway.url };
  const names = async (...words: string[]): Promise<string[]> => {
    const { out } = await tools(t, ['ls', '--output', 'json', ...words], env);
    return (JSON.parse(out) as { name: string }[]).map((tool) => tool.name);
  };
  await eventually('both servers are listed', async () => {
    const all = await names();
    return all.includes('countdown') && all.includes('get-sum');
  });
  assert.deepEqual((await names('--virtual-server', 'sums')).sort(), ['get-structured-content', 'get-sum']);
  assert.equal((await names('--search', 'sum of two numbers'))[0], 'get-sum');
  assert.deepEqual((await names('--adapter', 'example')).sort(), ['add', 'countdown']);

  const inspected = await tools(t, ['inspect', 'get-structured-content'], env);
  assert.match(inspected.out, /location {2}string, one of "New York".*required/);
  assert.match(inspected.out, /Result:\n {2}temperature {2}number, required/);

  assert.deepEqual(await tools(t, ['call', 'echo', 'message=5'], env), { code: 0, out: 'Echo: 5', err: '' });
  assert.equal((await tools(t, ['call', 'get-sum', 'a=2', '--args', '{"b":40}'], env)).out, 'The sum of 2 and 40 is 42.');
  assert.match((await tools(t, ['call', 'get-structured-content', 'location=Chicago', '--output', 'json'], env)).out, /"structuredContent":\{/);

  const wrong = await tools(t, ['call', 'get-structured-content', 'location=Nowhere'], env);
  assert.deepEqual([wrong.code, wrong.out], [1, '']);
  assert.match(wrong.err, /location/);
  const unknown = await tools(t, ['call', 'ech', 'message=5'], env);
  assert.deepEqual(unknown, { code: 1, out: '', err: "mcp-gateway: there is no tool 'ech'; did you mean 'echo'?" });

  const file = join(await temporaryDirectory(t), 'image.png');
  assert.equal((await tools(t, ['call', 'get-tiny-image', '--save', file], env)).code, 0);
  assert.equal(readFileSync(file).subarray(1, 4).toString(), 'PNG');
  assert.equal((await tools(t, ['call', 'get-tiny-image', '--save', file], env)).code, 1, 'nothing is overwritten');
});

test('numbers keep their digits both ways', async (t) => {
  const upstream = await Upstream.start(
    t,
    withHandshake((exchange) => {
      if (exchange.request.method !== 'POST') return exchange.response.writeHead(405).end();
      const { id, method } = exchange.message;
      if (method === 'tools/list') {
        return exchange.result({ tools: [{ name: 'same', inputSchema: { type: 'object', properties: { n: { type: 'integer' } } } }] });
      }
      if (method !== 'tools/call') return exchange.json({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } });
      const n = /"n":\s*(\d+)/.exec(exchange.body)![1];
      exchange.response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[],"structuredContent":{"n":${n}}}}`);
    }),
  );
  const { file, env } = await place(t, { servers: [{ name: 'numbers', url: upstream.url }] });
  const done = await tools(t, ['call', 'same', 'n=9007199254740993', '--config', file], env);
  assert.deepEqual(done, { code: 0, out: '{\n  "n": 9007199254740993\n}', err: '' });
});

test('a file is enough, whatever it says about who may come in, and beside the gateway that uses it', async (t) => {
  const audit = join(await temporaryDirectory(t), 'audit.jsonl');
  const config: Config = {
    listen: [{ address: '127.0.0.1:0' }],
    auth: { keys: [{ name: 'ci', key: '0123456789abcdef', roles: ['mcp.admin'] }] },
    policy: { default: 'deny' },
    audit: { output: 'file', path: audit },
    http: { allowedHosts: ['gateway.example.org'] },
    servers: [exampleServer()],
  };
  await startGateway(t, { config });
  const { file, env, left } = await place(t, config);
  const before = readFileSync(audit, 'utf8');
  assert.deepEqual(await tools(t, ['call', 'add', 'a=2', 'b=40', '--config', file], env), { code: 0, out: '42', err: '' });
  assert.deepEqual((await tools(t, ['ls', '--adapter', 'example', '--config', file], env)).code, 0);
  assert.equal(readFileSync(audit, 'utf8'), before);
  assert.deepEqual(left(), []);
});

test('servers that cannot be listed are named, and the others are there', async (t) => {
  const { file, env, left } = await place(t, {
    servers: [
      exampleServer(),
      { name: 'broken', command: '/bin/false', transport: 'stdio' },
      { name: 'silent', url: (await Upstream.start(t, () => {})).url },
    ],
  });
  const done = await tools(t, ['ls', '--config', file, '--wait', '3s'], env);
  assert.equal(done.code, 0);
  assert.match(done.out, /^add +/m);
  assert.match(done.err, /warning: the tools of 'broken' are missing: .+/);
  assert.match(done.err, /warning: the tools of 'silent' are missing: .+/);
  assert.deepEqual(left(), []);
});

test('what is wrong with the file is said, and nothing stays behind', async (t) => {
  const { file, env, left } = await place(t, { servers: [{ name: 'x', urll: 'http://127.0.0.1:9/' }] });
  const done = await tools(t, ['ls', '--config', file], env);
  assert.equal(done.code, 1);
  assert.match(done.err, /gw\.yaml:\d+:\d+: .*urll/);
  assert.match(done.err, /no gateway could be started for .*gw\.yaml/);
  assert.deepEqual(left(), []);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} cancels the call and ends the gateway that was started for it`, async (t) => {
    const upstream = await Upstream.start(t, slow);
    const { file, env, left } = await place(t, { servers: [{ name: 'slow', url: upstream.url }] });
    const run = begin(t, ['call', 'slow', '--config', file], env);
    await eventually('the call is under way', () => upstream.calls('tools/call').length === 1);
    assert.notDeepEqual(left(), []);
    run.signal(signal);
    assert.equal((await run.exited).code, 1);
    assert.match(run.output, /interrupted/);
    await upstream.calls('tools/call')[0]!.abandoned;
    assert.deepEqual(left(), []);
  });
}

test('a killed command takes its gateway with it', async (t) => {
  const upstream = await Upstream.start(t, slow);
  const { file, env, left } = await place(t, { servers: [{ name: 'slow', url: upstream.url }] });
  const run = begin(t, ['call', 'slow', '--config', file], env);
  await eventually('the call is under way', () => upstream.calls('tools/call').length === 1);
  await run.kill();
  await eventually('its folder is gone', () => left().length === 0);
});

test('a time-out cancels the call', async (t) => {
  const upstream = await Upstream.start(t, slow);
  const gateway = await startGateway(t, { config: { servers: [{ name: 'slow', url: upstream.url }] } });
  const env = { MCP_GATEWAY_URL: gateway.url };
  await eventually('it is listed', async () => /slow/.test((await tools(t, ['ls'], env)).out));
  const done = await tools(t, ['call', 'slow', '--timeout', '300ms'], env);
  assert.equal(done.code, 1);
  assert.match(done.err, /took longer than 300 ms and was cancelled/);
  await upstream.calls('tools/call')[0]!.abandoned;
});

test('who asks counts as in every other client', async (t) => {
  const gateway = await startGateway(t, {
    config: {
      auth: { keys: [{ name: 'ci', key: '0123456789abcdef', roles: ['mcp.engineer'] }] },
      servers: [exampleServer({ requiredRoles: ['mcp.engineer'] })],
    },
  });
  const env = { MCP_GATEWAY_URL: gateway.url };
  assert.match((await tools(t, ['ls'], env)).err, /give a token or an API key with --token-file/);
  const known = { ...env, MCP_GATEWAY_TOKEN: '0123456789abcdef' };
  await eventually('it is listed', async () => /^add /m.test((await tools(t, ['ls'], known)).out));
  assert.equal((await tools(t, ['call', 'add', 'a=1', 'b=2'], known)).out, '3');
});
