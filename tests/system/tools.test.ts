// Registered tools as clients of /mcp meet them.

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startGateway, type Gateway } from './harness/gateway.ts';
import { onEnd } from './harness/scope.ts';
import { eventually } from './harness/wait.ts';

const DEFINITION = {
  name: 'score',
  description: 'Scores a number.',
  inputSchema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false },
  outputSchema: { type: 'object', properties: { seen: { type: 'object' } }, required: ['seen'] },
};

async function call(gateway: Gateway, name: string, args: string): Promise<{ text: string; result?: any; error?: any }> {
  const meta = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}';
  const response = await fetch(new URL('/mcp', gateway.url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': name,
    },
    body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${args},${meta}}}`,
  });
  const text = await response.text();
  return { text, ...JSON.parse(text) };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test('a registered tool is called over HTTP with the bytes of the caller, and refuses what is wrong at once', async (t) => {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await read(request);
    bodies.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end(`{"seen":${body}}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onEnd(t, () => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const gateway = await startGateway(t, { config: { tools: [{ name: 'score', url, toolDefinition: { tool: DEFINITION } }] } });

  const good = await call(gateway, 'score', '{"n":9007199254740993}');
  assert.deepEqual(bodies, ['POST /v1/score {"n":9007199254740993}']);
  assert.ok(good.text.includes('"structuredContent":{"seen":{"n":9007199254740993}}'), good.text);

  const wrong = await call(gateway, 'score', '{"n":"x","m":1}');
  assert.equal(wrong.result.isError, true);
  assert.match(wrong.result.content[0].text, /\/m: is not allowed here/);
  assert.match(wrong.result.content[0].text, /\/n: is "x", must be an integer/);
  assert.equal(bodies.length, 1, 'nothing was sent');

  const unknown = await call(gateway, 'scored', '{}');
  assert.match(unknown.error.message, /did you mean score\?/);
});

test('a tool whose server is gone says so in the call and in /status, until it is back', async (t) => {
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"seen":{}}');
  };
  let server = createServer(answer);
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  await listen(0);
  onEnd(t, () => void server.close());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const gateway = await startGateway(t, { config: { tools: [{ name: 'score', url, toolDefinition: { tool: DEFINITION } }] } });
  const state = async () => (await gateway.json('/status')).tools.list[0];
  const fine = { name: 'score', origin: 'file', state: 'ready' };

  assert.equal((await call(gateway, 'score', '{"n":1}')).result.isError, undefined);
  assert.deepEqual(await state(), fine);

  await stop();
  const before = Date.now();
  let gone = await call(gateway, 'score', '{"n":1}');
  assert.equal(gone.result.isError, true);
  assert.match(gone.result.content[0].text, /'score'.*(refused|closed)/i);
  gone = await call(gateway, 'score', '{"n":1}');
  const { since, attempts, error, ...rest } = await state();
  assert.deepEqual(rest, { ...fine, state: 'unreachable' });
  assert.ok(Math.abs(Date.parse(since) - before) < 10_000, since);
  assert.equal(attempts, 2);
  assert.match(error, /refused/);
  assert.ok(gone.result.content[0].text.includes(error), 'what the call says, too');

  server = createServer(answer);
  await listen(port);
  assert.equal((await call(gateway, 'score', '{"n":1}')).result.isError, undefined);
  assert.deepEqual(await state(), fine);
  for (const event of ['tools.unreachable', 'tools.reachable']) {
    assert.equal(gateway.process.stderr.filter((line) => line.includes(event)).length, 1, `${event} once`);
  }
});

test('a tool without an instance is unreachable until there is one', async (t) => {
  const score = "require('node:http').createServer((q, s) => s.end('1')).listen(process.env.PORT, '127.0.0.1')";
  const tool = (replicaCount: number) => ({
    tools: [{ name: 'score', command: process.execPath, args: ['-e', score], replicaCount, toolDefinition: { tool: { ...DEFINITION, outputSchema: undefined } } }],
  });
  const gateway = await startGateway(t, { config: tool(0) });
  const state = async () => (await gateway.json('/status')).tools.list[0];
  assert.equal((await state()).since, undefined);
  assert.equal((await call(gateway, 'score', '{"n":1}')).result.isError, true);
  const { since, attempts } = await state();
  assert.ok(Date.parse(since) > 0, since);
  assert.equal(attempts, 1);

  gateway.writeConfig(tool(1));
  await eventually('the tool is ready', async () => (await state()).state === 'ready');
  assert.equal((await state()).since, undefined);
  assert.equal((await call(gateway, 'score', '{"n":1}')).result.isError, undefined);
});

test('a tool that leads elsewhere now starts anew', async (t) => {
  const at = (url: string) => ({ tools: [{ name: 'score', url, toolDefinition: { tool: DEFINITION } }] });
  const gateway = await startGateway(t, { config: at('http://127.0.0.1:1/') });
  const state = async () => (await gateway.json('/status')).tools.list[0].state;
  await call(gateway, 'score', '{"n":1}');
  assert.equal(await state(), 'unreachable');
  gateway.writeConfig(at('http://127.0.0.1:1/elsewhere'));
  await eventually('nothing is known of it', async () => (await state()) === 'ready');
});

test('a name of the file may become a server instead of a tool, and a tool again', async (t) => {
  const url = 'http://127.0.0.1:1/';
  const tool = { tools: [{ name: 'score', url, toolDefinition: { tool: DEFINITION } }] };
  const gateway = await startGateway(t, { config: tool });
  const offered = async (kind: 'servers' | 'tools', there: number): Promise<boolean> => {
    const { federation } = await gateway.json('/status');
    return kind === 'servers' ? federation.servers.length === there : federation.items.tools === there;
  };
  await eventually('the tool is offered', () => offered('tools', 1));
  gateway.writeConfig({ servers: [{ name: 'score', url }] });
  await eventually('it is a server', () => offered('servers', 1));
  await eventually('which offers nothing', () => offered('tools', 0));
  gateway.writeConfig(tool);
  await eventually('it is a tool again', () => offered('tools', 1));
});
