// Servers that ask in the middle of a call: forms, models and roots of the client, whichever era each side has; and
// federated sessions that outlive the gateway.

import assert from 'node:assert/strict';
import { before, describe, test, type TestContext } from 'node:test';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpTransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as HttpTransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CreateMessageRequestSchema, ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { firstText } from './harness/clients.ts';
import { errorOf, mcp, resultOf, startFederation, untilListed } from './harness/federation.ts';
import { nodeServer, startGateway, temporaryDirectory, type Gateway } from './harness/gateway.ts';
import { LightServer, tool } from './harness/light-server.ts';
import { onEnd, suiteScope } from './harness/scope.ts';
import type { Exchange } from './harness/upstream.ts';
import { eventually } from './harness/wait.ts';
import { LEGACY_INITIALIZE, modernRequest, post, readReply, Session } from './harness/wire.ts';

const identity = { name: 'dialogue', version: '1.0.0' };
const capabilities = { sampling: {}, elicitation: { form: {} }, roots: {} };
const FORM = { action: 'accept' as const, content: { name: 'Ada', username: 'ada', email: 'ada@example.org' } };
const SAMPLE = { role: 'assistant' as const, model: 'm', content: { type: 'text' as const, text: 'Paris' } };
const ROOTS = { roots: [{ uri: 'file:///srv', name: 'srv' }] };

type Call = (name: string, args?: Record<string, unknown>) => Promise<unknown>;

async function v1(t: TestContext, gateway: Gateway): Promise<Call> {
  const client = new ClientV1(identity, { capabilities });
  onEnd(t, () => client.close().catch(() => {}));
  client.setRequestHandler(ElicitRequestSchema, () => FORM);
  client.setRequestHandler(CreateMessageRequestSchema, () => SAMPLE);
  client.setRequestHandler(ListRootsRequestSchema, () => ROOTS);
  await client.connect(new HttpTransportV1(mcp(gateway)) as Transport);
  return (name, args = {}) => client.callTool({ name, arguments: args });
}

async function v2(t: TestContext, gateway: Gateway, mode: 'legacy' | { pin: '2026-07-28' }): Promise<Call> {
  const client = new ClientV2(identity, { capabilities, versionNegotiation: { mode } });
  onEnd(t, () => client.close().catch(() => {}));
  client.setRequestHandler('elicitation/create', () => FORM);
  client.setRequestHandler('sampling/createMessage', () => SAMPLE);
  client.setRequestHandler('roots/list', () => ROOTS);
  await client.connect(new HttpTransportV2(mcp(gateway)));
  return (name, args = {}) => client.callTool({ name, arguments: args });
}

/** A legacy server whose tools ask in the middle of their calls, on the stream of the call. */
function askingServer(): { answer: (exchange: Exchange) => unknown } {
  const asked: Record<string, [string, object]> = {
    ask_form: ['elicitation/create', { message: 'Who?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } }],
    ask_model: ['sampling/createMessage', { messages: [{ role: 'user', content: { type: 'text', text: 'Capital?' } }], maxTokens: 10 }],
    ask_roots: ['roots/list', {}],
  };
  return {
    answer: (exchange) => {
      const { id, params } = exchange.message;
      const [method, request] = asked[params.name]!;
      exchange.startEvents();
      exchange.event({ jsonrpc: '2.0', id: `q-${id}`, method, params: request });
      waiting.set(`q-${id}`, (answer) => {
        const text = JSON.stringify(answer.result ?? answer.error);
        exchange.event({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
        exchange.response.end();
      });
    },
  };
}
const waiting = new Map<unknown, (answer: any) => void>();

describe('a server that asks', () => {
  const scope = suiteScope();
  let gateway: Gateway;

  before(async () => {
    const legacy = await LightServer.start(scope, 'legacy', {
      tools: ['ask_form', 'ask_model', 'ask_roots'].map((name) => tool(name)),
      answer: askingServer().answer,
      onResponse: ({ message }) => waiting.get(message.id)?.(message),
    });
    gateway = await startFederation(scope, [
      nodeServer('modern', 'tests/conformance/fixture-server.ts', [], { transport: 'http' }),
      legacy.config(),
    ]);
  });

  const clients: [string, (t: TestContext, gateway: Gateway) => Promise<Call>][] = [
    ['SDK v1', v1],
    ['SDK v2, legacy', (t, gateway) => v2(t, gateway, 'legacy')],
    ['SDK v2, modern', (t, gateway) => v2(t, gateway, { pin: '2026-07-28' })],
  ];
  for (const [label, connect] of clients) {
    test(`and is modern gets its answers from ${label}`, async (t) => {
      const call = await connect(t, gateway);
      assert.match(firstText(await call('test_elicitation', { message: 'Who are you?' })), /action=accept.*ada@example\.org/);
      assert.match(firstText(await call('test_sampling', { prompt: 'Capital of France?' })), /Paris/);
      assert.match(firstText(await call('test_input_required_result_list_roots')), /file:\/\/\/srv/);
      assert.match(firstText(await call('test_input_required_result_multiple_inputs')), /Paris.*Ada.*1 roots/);
      assert.equal(firstText(await call('test_input_required_result_request_state')), 'state-ok');
    });
  }

  for (const [label, connect] of clients.slice(0, 2)) {
    test(`and is legacy gets its answers from ${label}`, async (t) => {
      const call = await connect(t, gateway);
      assert.match(firstText(await call('ask_form')), /"action":"accept".*Ada/);
      assert.match(firstText(await call('ask_model')), /Paris/);
      assert.match(firstText(await call('ask_roots')), /file:\/\/\/srv/);
    });
  }

  test('several clients at once get only their own questions', async (t) => {
    const calls = await Promise.all(
      Array.from({ length: 6 }, async (_, index) => {
        const client = new ClientV1(identity, { capabilities });
        onEnd(t, () => client.close().catch(() => {}));
        client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { username: `user-${index}`, email: 'x@example.org' } }));
        await client.connect(new HttpTransportV1(mcp(gateway)) as Transport);
        return () => client.callTool({ name: 'test_elicitation', arguments: { message: `to ${index}` } });
      }),
    );
    const answers = await Promise.all(calls.map((call) => call()));
    for (const [index, answer] of answers.entries()) assert.match(firstText(answer), new RegExp(`user-${index}"`));
  });

  test('a client that cannot be asked is told what is missing', async () => {
    const session = await Session.open(mcp(gateway));
    const result = resultOf(await session.request('tools/call', { name: 'test_sampling', arguments: { prompt: 'x' } }));
    assert.equal(result.isError, true);
    assert.match(firstText(result), /sampling/);
    const modern = await modernRequest(mcp(gateway), 'tools/call', { name: 'test_sampling', arguments: { prompt: 'x' } });
    assert.equal(errorOf(modern).code, -32021);
  });

  test('the state of a dialogue is sealed: another item or a changed one is refused', async () => {
    const ask = (name: string, more: object = {}) => modernRequest(mcp(gateway), 'tools/call', { name, arguments: {}, ...more });
    const { requestState, inputRequests } = resultOf(await ask('test_input_required_result_request_state'));
    assert.ok(inputRequests.confirm);
    const inputResponses = { confirm: { action: 'accept', content: { ok: true } } };
    assert.equal(firstText(resultOf(await ask('test_input_required_result_request_state', { requestState, inputResponses }))), 'state-ok');
    const changed = `${requestState.slice(0, -2)}${requestState.endsWith('AA') ? 'BB' : 'AA'}`;
    errorOf(await ask('test_input_required_result_request_state', { requestState: changed, inputResponses }));
    errorOf(await ask('test_input_required_result_tampered_state', { requestState, inputResponses }));
  });
});

describe('a federated session', () => {
  test('goes on after a restart of the gateway, with its log level and subscriptions', async (t) => {
    const server = await LightServer.start(t, 'server', { tools: [tool('work')], resources: [{ uri: 'light://one', name: 'one' }] });
    const stateDir = await temporaryDirectory(t);
    const config = { servers: [server.config()] };
    const first = await startGateway(t, { config, stateDir });
    await untilListed(first, ['server']);
    const session = await Session.open(mcp(first));
    await session.request('resources/subscribe', { uri: 'light://one' });
    await session.request('logging/setLevel', { level: 'warning' });
    assert.equal(await session.call('work'), 'work of server');
    await first.stop();
    server.subscribed.clear();

    const second = await startGateway(t, { config, stateDir });
    await untilListed(second, ['server']);
    const resumed = Session.resume(mcp(second), session.id);
    const levels = server.calls('logging/setLevel').length;
    assert.equal(await resumed.call('work'), 'work of server');
    assert.equal(server.calls('logging/setLevel').slice(levels).at(-1)?.message.params.level, 'warning');
    const leave = new AbortController();
    t.after(() => leave.abort());
    const stream = await fetch(resumed.url, { headers: { ...resumed.headers, accept: 'text/event-stream' }, signal: leave.signal });
    assert.equal(stream.status, 200);
    await eventually('the subscription again', () => server.subscribed.has('light://one'));
  });

  test('that ended stays ended, also after a restart', async (t) => {
    const server = await LightServer.start(t, 'server', { tools: [tool('work')] });
    const stateDir = await temporaryDirectory(t);
    const config = { servers: [server.config()] };
    const first = await startGateway(t, { config, stateDir });
    await untilListed(first, ['server']);
    const session = await Session.open(mcp(first));
    assert.ok([200, 204].includes(await session.end()));
    assert.equal((await session.request('tools/list')).status, 404);
    await first.stop();
    const second = await startGateway(t, { config, stateDir });
    await untilListed(second, ['server']);
    assert.equal((await Session.resume(mcp(second), session.id).request('tools/list')).status, 404);
  });

  test('has the revision that its client asked for', async (t) => {
    const server = await LightServer.start(t, 'server', { tools: [tool('work')] });
    const gateway = await startFederation(t, [server.config()]);
    for (const protocolVersion of ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']) {
      const message = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { ...LEGACY_INITIALIZE, protocolVersion } };
      const reply = await readReply(await post(mcp(gateway), message));
      assert.equal(resultOf(reply).protocolVersion, protocolVersion);
      const headers = { 'mcp-session-id': reply.headers.get('mcp-session-id')!, 'mcp-protocol-version': protocolVersion };
      const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'work', arguments: {} } };
      assert.equal(firstText(resultOf(await readReply(await post(mcp(gateway), call, headers)))), 'work of server');
    }
  });
});
