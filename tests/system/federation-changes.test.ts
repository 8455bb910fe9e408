// What clients are told of changes: that a list changed when, and only when, what they see of it did; that a resource
// changed when they asked to be told.

import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { setInterval as every } from 'node:timers/promises';
import { ALICE, as, ADMIN, BOB, people } from './harness/access.ts';
import { connectV1 } from './harness/clients.ts';
import { listAll, mcp, resultOf, startFederation, toolNames } from './harness/federation.ts';
import type { Gateway } from './harness/gateway.ts';
import { LightServer, tool } from './harness/light-server.ts';
import { onEnd, type Scope } from './harness/scope.ts';
import { eventually } from './harness/wait.ts';
import { MODERN_VERSION, post, serverEvents, Session, type HeaderMap, type RpcMessage } from './harness/wire.ts';

/** What comes on a stream. */
class Listener {
  readonly heard: RpcMessage[] = [];
  ended = false;

  constructor(scope: Scope, response: Response, leave: AbortController) {
    onEnd(scope, () => leave.abort());
    void this.#read(response.body!);
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    try {
      for await (const { event, data } of serverEvents(body)) {
        if (event === 'message' && data !== '') this.heard.push(JSON.parse(data) as RpcMessage);
      }
    } catch {
      // Left.
    }
    this.ended = true;
  }

  count(method: string): number {
    return this.heard.filter((message) => message.method === method).length;
  }

  until(method: string, times = 1): Promise<unknown> {
    return eventually(`${times} × ${method}`, () => this.count(method) >= times);
  }
}

/** The GET stream of a legacy session. */
async function listenLegacy(scope: Scope, session: Session): Promise<Listener> {
  const leave = new AbortController();
  const response = await fetch(session.url, {
    headers: { ...session.headers, accept: 'text/event-stream' },
    signal: leave.signal,
  });
  assert.equal(response.status, 200);
  return new Listener(scope, response, leave);
}

/** subscriptions/listen of a modern client. */
async function listenModern(scope: Scope, url: URL, notifications: object, headers: HeaderMap = {}): Promise<Listener> {
  const leave = new AbortController();
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'system-test', version: '1.0.0' },
  };
  const message = { jsonrpc: '2.0', id: 'listen', method: 'subscriptions/listen', params: { notifications, _meta } };
  const mirrors = { 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': 'subscriptions/listen' };
  const listener = new Listener(scope, await post(url, message, { ...mirrors, ...headers }, leave.signal), leave);
  await listener.until('notifications/subscriptions/acknowledged');
  return listener;
}

const TOOLS = 'notifications/tools/list_changed';
const PROMPTS = 'notifications/prompts/list_changed';
const RESOURCES = 'notifications/resources/list_changed';
const UPDATED = 'notifications/resources/updated';

async function one(t: TestContext, era: 'legacy' | 'modern'): Promise<{ server: LightServer; gateway: Gateway }> {
  const server = await LightServer.start(t, 'server', {
    era,
    tools: [tool('first')],
    prompts: [{ name: 'ask' }],
    resources: [{ uri: 'light://one', name: 'one' }, { uri: 'light://two', name: 'two' }],
  });
  const gateway = await startFederation(t, [server.config()]);
  await eventually('a stream of the gateway', () => server.listeners > 0);
  return { server, gateway };
}

describe('a list that changed', () => {
  for (const era of ['legacy', 'modern'] as const) {
    test(`is told to clients of both eras, and nothing else is, ${era} server`, async (t) => {
      const { server, gateway } = await one(t, era);
      const session = await Session.open(mcp(gateway));
      const legacy = await listenLegacy(t, session);
      const modern = await listenModern(t, mcp(gateway), { toolsListChanged: true, promptsListChanged: true });

      server.items.tools.push(tool('second'));
      server.announce('tools');
      await Promise.all([legacy.until(TOOLS), modern.until(TOOLS)]);
      const listed = resultOf(await session.request('tools/list')).tools as { name: string }[];
      assert.deepEqual(listed.map(({ name }) => name), ['first', 'second']);
      assert.deepEqual(await toolNames(mcp(gateway)), ['first', 'second']);

      // Another kind: it comes after whatever the first change still brings.
      server.items.prompts.push({ name: 'answer' });
      server.announce('prompts');
      await Promise.all([legacy.until(PROMPTS), modern.until(PROMPTS)]);
      for (const listener of [legacy, modern]) {
        assert.deepEqual([listener.count(TOOLS), listener.count(PROMPTS), listener.count(RESOURCES)], [1, 1, 0]);
      }
      const meta = modern.heard.at(-1)!.params._meta;
      assert.equal(meta['io.modelcontextprotocol/subscriptionId'], 'listen');
    });
  }

  test('only by the word of its server is not told', async (t) => {
    const { server, gateway } = await one(t, 'legacy');
    const listener = await listenLegacy(t, await Session.open(mcp(gateway)));
    const asked = server.calls('tools/list').length;
    server.announce('tools');
    await eventually('the list again', () => server.calls('tools/list').length > asked);
    server.items.prompts.push({ name: 'answer' });
    server.announce('prompts');
    await listener.until(PROMPTS);
    assert.equal(listener.count(TOOLS), 0);
  });

  test('is not told to who cannot see what changed', async (t) => {
    const server = await LightServer.start(t, 'server', { tools: [tool('read_a'), tool('write_a')] });
    const policy = { rules: [{ name: 'no-writing', effect: 'deny', when: { users: ['key:bob'], tools: ['write_*'] } }] };
    const virtualServers = [{ name: 'reading', tools: ['read_*'] }];
    const gateway = await startFederation(t, [server.config({ requiredRoles: ['reader'] })], { ...people(), policy, virtualServers }, { identity: as(ADMIN) });
    await eventually('a stream of the gateway', () => server.listeners > 0);
    const listen = async (who: HeaderMap, name?: string): Promise<Listener[]> => [
      await listenLegacy(t, await Session.open(mcp(gateway, name), who)),
      await listenModern(t, mcp(gateway, name), { toolsListChanged: true }, who),
    ];
    const alice = await listen(as(ALICE));
    const bob = await listen(as(BOB));
    const selection = await listen(as(ALICE), 'reading');

    server.items.tools.push(tool('write_b'));
    server.announce('tools');
    await Promise.all(alice.map((listener) => listener.until(TOOLS)));
    server.items.tools.push(tool('read_b'));
    server.announce('tools');
    await Promise.all([...bob, ...selection].map((listener) => listener.until(TOOLS)));
    await Promise.all(alice.map((listener) => listener.until(TOOLS, 2)));
    for (const listener of [...bob, ...selection]) assert.equal(listener.count(TOOLS), 1);
  });

  test('every second is followed, and each client is told once for each change that it sees', async (t) => {
    const { server, gateway } = await one(t, 'legacy');
    const steady = await LightServer.start(t, 'steady', { tools: [tool('rock')] });
    assert.equal((await gateway.api('POST', '/adapters', steady.config())).status, 201);
    await eventually('the other server', async () => (await toolNames(mcp(gateway))).includes('rock'));
    const session = await Session.open(mcp(gateway));
    const listener = await listenLegacy(t, session);

    let version = 0;
    const told: number[] = [];
    const changing = new AbortController();
    const changes = (async () => {
      for await (const _ of every(1_000, undefined, { signal: changing.signal })) {
        server.items.tools = [tool(`version-${++version}`)];
        server.announce('tools');
      }
    })().catch(() => {});
    for (let round = 1; round <= 4; ++round) {
      await listener.until(TOOLS, round);
      const names = (resultOf(await session.request('tools/list')).tools as { name: string }[]).map(({ name }) => name);
      assert.equal(names.length, 2);
      assert.equal(names[0], 'rock');
      told.push(Number(/^version-(\d+)$/.exec(names[1]!)![1]));
      assert.equal(await session.call('rock'), 'rock of steady');
    }
    changing.abort();
    await changes;
    assert.deepEqual(told, [...new Set(told)].sort((a, b) => a - b));
    await eventually('the last version', async () => (await toolNames(mcp(gateway))).includes(`version-${version}`));
    await listener.until(TOOLS, 4);
    assert.ok(listener.count(TOOLS) <= version, `${listener.count(TOOLS)} announcements of ${version} changes`);
  });

  test('of a server that comes and goes', async (t) => {
    const { gateway } = await one(t, 'legacy');
    const listener = await listenLegacy(t, await Session.open(mcp(gateway)));
    const late = await LightServer.start(t, 'late', { tools: [tool('late')] });
    assert.equal((await gateway.api('POST', '/adapters', late.config())).status, 201);
    await listener.until(TOOLS);
    assert.ok((await gateway.api('DELETE', '/adapters/late')).ok);
    await listener.until(TOOLS, 2);
    assert.equal(listener.count(PROMPTS), 0);
    assert.deepEqual(await toolNames(mcp(gateway)), ['first']);
  });
});

describe('a resource that changed', () => {
  for (const era of ['legacy', 'modern'] as const) {
    test(`is told to who subscribed, ${era} server`, async (t) => {
      const { server, gateway } = await one(t, era);
      const session = await Session.open(mcp(gateway));
      const legacy = await listenLegacy(t, session);
      assert.deepEqual(resultOf(await session.request('resources/subscribe', { uri: 'light://one' })), {});
      const modern = await listenModern(t, mcp(gateway), { resourceSubscriptions: ['light://one'] });
      assert.deepEqual(modern.heard[0]!.params.notifications, { resourceSubscriptions: ['light://one'] });
      await eventually('the subscription at the server', () => server.watches('light://one'));

      server.updated('light://two');
      server.updated('light://one');
      await Promise.all([legacy.until(UPDATED), modern.until(UPDATED)]);
      for (const listener of [legacy, modern]) {
        const uris = listener.heard.filter(({ method }) => method === UPDATED).map(({ params }) => params.uri);
        assert.ok(uris.length > 0 && uris.every((uri) => uri === 'light://one'), uris.join());
      }
      assert.deepEqual(resultOf(await session.request('resources/unsubscribe', { uri: 'light://one' })), {});
    });
  }

  test('is told under the address that the client knows', async (t) => {
    const resources = [{ uri: 'light://same', name: 'same' }];
    const servers = await Promise.all(['a', 'b'].map((name) => LightServer.start(t, name, { resources })));
    const gateway = await startFederation(t, servers.map((server) => server.config()));
    const session = await Session.open(mcp(gateway));
    const listener = await listenLegacy(t, session);
    await session.request('resources/subscribe', { uri: 'gw+b:light://same' });
    await eventually('the subscription at b', () => servers[1]!.subscribed.has('light://same'));
    assert.equal(servers[0]!.subscribed.size, 0);
    servers[1]!.updated('light://same');
    await listener.until(UPDATED);
    assert.equal(listener.heard.find(({ method }) => method === UPDATED)!.params.uri, 'gw+b:light://same');
  });

  test('is not watched any more when nobody wants to know', async (t) => {
    const { server, gateway } = await one(t, 'legacy');
    const client = await connectV1(t, mcp(gateway));
    await client.subscribeResource({ uri: 'light://one' });
    await eventually('the subscription', () => server.subscribed.has('light://one'));
    await client.unsubscribeResource({ uri: 'light://one' });
    await eventually('its end', () => !server.subscribed.has('light://one'));
    assert.equal((await listAll(mcp(gateway), 'resources')).length, 2);
  });
});
