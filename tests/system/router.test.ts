// /mcp as a service of its own: a gateway in front of routers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { ADMIN, ALICE, as, BOB, people, person, type Person } from './harness/access.ts';
import { connectV1, connectV2, firstText, MODERN } from './harness/clients.ts';
import { startGateway, type Config, type Gateway } from './harness/gateway.ts';
import { startReplica } from './harness/replica.ts';
import type { Scope } from './harness/scope.ts';
import { eventually, within } from './harness/wait.ts';
import { modernRequest, post, readReply, serverEvents, Session } from './harness/wire.ts';

const SECRET = 'what gateway and routers know';

interface Fleet {
  gateway: Gateway;
  routers: Gateway[];
  mcp: URL;
  /** Of the gateway and of the routers, which read one file. */
  configure(more: Config): void;
}

/** A gateway and two routers; `more` is added to what all of them read. */
async function startFleet(t: Scope, more: Config = {}): Promise<Fleet> {
  const env = { ROUTER_SECRET: SECRET };
  const shared = { ...people(), ...more, router: { secret: '${env:ROUTER_SECRET}' } };
  const start = () => startGateway(t, { config: shared, env, args: ['--role', 'router'] });
  const routers = await Promise.all([start(), start()]);
  const router = { ...shared.router, endpoints: routers.map((each) => each.url) };
  const gateway = await startGateway(t, { config: { ...shared, router }, env, args: ['--role', 'gateway'] });
  for (const each of [gateway, ...routers]) each.identity = as(ADMIN);
  const servers = (config: Config) => (config.servers ?? []).filter((server) => server.enabled !== false).length;
  await Promise.all(routers.map((each) => listed(each, servers(more))));
  return {
    gateway,
    routers,
    mcp: new URL('/mcp', gateway.url),
    configure(changed: Config) {
      for (const each of routers) each.writeConfig({ ...shared, ...changed });
    },
  };
}

/** Waits until a router knows what that many servers offer. */
async function listed(router: Gateway, servers: number): Promise<void> {
  await eventually('every server is listed', async () => {
    const { federation } = await router.json('/status');
    return federation.servers.filter((server: any) => server.lastListed !== null).length === servers;
  });
}

const replica = async (t: Scope, name = 'replica', more: object = {}) => ({
  name,
  url: (await startReplica(t)).url,
  requiredRoles: ['*'],
  ...more,
});

const requests = (router: Gateway): Promise<number> => router.metric('mcp_gateway_federation_requests_total');

/** How many requests each router got while `work` ran. */
async function load(fleet: Fleet, work: () => Promise<unknown>): Promise<number[]> {
  const before = await Promise.all(fleet.routers.map(requests));
  await work();
  return (await Promise.all(fleet.routers.map(requests))).map((count, i) => count - before[i]!);
}

const tools = async (url: URL, who: Person, headers: Record<string, string> = {}): Promise<string[]> => {
  const reply = await modernRequest(url, 'tools/list', {}, { ...as(who), ...headers });
  assert.equal(reply.status, 200, reply.text);
  return reply.messages[0]!.result.tools.map((tool: { name: string }) => tool.name);
};

test('clients of every generation list and call through the gateway', async (t) => {
  const fleet = await startFleet(t, { servers: [await replica(t)] });
  const options = { requestInit: { headers: as(ALICE) } };
  for (const client of [
    await connectV1(t, fleet.mcp, options),
    await connectV2(t, fleet.mcp, 'legacy', options),
    await connectV2(t, fleet.mcp, MODERN, options),
  ]) {
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map((tool) => tool.name).sort(), ['big', 'complain', 'echo', 'steps', 'whoami']);
    assert.equal(firstText(await client.callTool({ name: 'echo', arguments: { value: 'hello' } })), 'hello');
  }
  const { federation } = await fleet.gateway.json('/status');
  assert.equal(federation.role, 'gateway');
  assert.deepEqual(federation.routers.map((router: any) => router.state), ['reachable', 'reachable']);
  assert.equal(await requests(fleet.gateway), 0, 'the gateway answers nothing itself');
  assert.equal(await fleet.gateway.metric('mcp_gateway_peer_listings_total'), 0, 'and asks no server for lists');
});

test('a session stays with one router, and both routers work', async (t) => {
  const fleet = await startFleet(t, { servers: [await replica(t)] });
  const homes = new Set<number>();
  for (let i = 0; i < 12; ++i) {
    const session = await Session.open(fleet.mcp, as(ALICE));
    const counts = await load(fleet, async () => {
      for (let call = 0; call < 3; ++call) assert.equal(await session.call('echo', { value: 'x' }), 'x');
    });
    assert.ok(counts.includes(3) && counts.includes(0), `one session, several routers: ${counts.join()}`);
    homes.add(counts.indexOf(3));
    assert.equal(await session.end(), 204);
    assert.equal((await session.request('tools/list')).status, 404, 'it has ended');
  }
  assert.equal(homes.size, 2, 'both routers have sessions');
});

test('modern clients stay with one router, each principal with its own', async (t) => {
  const many = Array.from({ length: 8 }, (_, i) => person(`user${i}`));
  const fleet = await startFleet(t, { ...people(...many), servers: [await replica(t)] });
  const homes = new Set<number>();
  for (const who of many) {
    const counts = await load(fleet, async () => {
      for (let i = 0; i < 3; ++i) await tools(fleet.mcp, who);
    });
    assert.ok(counts.includes(3) && counts.includes(0), counts.join());
    homes.add(counts.indexOf(3));
  }
  assert.equal(homes.size, 2);
});

test('when a router dies the other takes its sessions over, and new ones', async (t) => {
  const fleet = await startFleet(t, { servers: [await replica(t)] });
  const sessions = await Promise.all(Array.from({ length: 12 }, () => Session.open(fleet.mcp, as(ALICE))));
  const [victim, survivor] = fleet.routers;
  await victim!.kill();
  for (const session of sessions) {
    assert.equal(await session.call('echo', { value: 'still here' }), 'still here');
  }
  const client = await connectV1(t, fleet.mcp, { requestInit: { headers: as(BOB) } });
  assert.equal((await client.listTools()).tools.length, 5);
  assert.ok((await requests(survivor!)) > 24);

  const { federation } = await fleet.gateway.json('/status');
  const [dead, alive] = federation.routers;
  assert.deepEqual([dead.url, dead.state, alive.state], [victim!.url, 'unreachable', 'reachable']);
  assert.ok(dead.error.length > 0);
  assert.ok((await fleet.gateway.metric('mcp_gateway_router_diversions_total')) >= 1);

  await survivor!.kill();
  const refused = await readReply(await post(fleet.mcp, sessions[0]!.message('tools/list'), sessions[0]!.headers));
  assert.equal(refused.status, 503);
  assert.match(refused.messages[0]!.error!.message, /the router/);
});

test('a router answers nobody but its gateways, and probes as ever', async (t) => {
  const fleet = await startFleet(t, { servers: [await replica(t)] });
  const [router] = fleet.routers;
  for (const path of ['/mcp', '/servers/x/mcp']) {
    for (const headers of [
      {},
      as(ADMIN),
      { 'x-gateway-secret': 'what gateway and routers knew', 'x-mcp-userid': 'root', 'x-mcp-roles': 'mcp.admin' },
      { 'x-gateway-secret': SECRET, 'x-mcp-userid': 'root', 'x-mcp-roles': 'mcp.admin' },
    ]) {
      const reply = await modernRequest(new URL(path, router!.url), 'tools/list', {}, headers);
      assert.equal(reply.status, 401, JSON.stringify(headers));
      assert.doesNotMatch(reply.text, new RegExp(SECRET));
    }
  }
  assert.equal((await fetch(new URL('/healthz', router!.url))).status, 200);
  assert.equal((await fetch(new URL('/status', router!.url))).status, 401);
  assert.equal((await router!.json('/status')).federation.role, 'router');
  assert.ok((await router!.metric('mcp_gateway_auth_unauthenticated_total')) >= 8);
});

test('a client is who the gateway says, whatever it says itself; commas make no roles', async (t) => {
  const carol = person('carol', 'guest, boss');
  const fleet = await startFleet(t, {
    ...people(carol),
    servers: [
      await replica(t, 'open', { toolPrefix: 'open_' }),
      await replica(t, 'closed', { toolPrefix: 'closed_', requiredRoles: ['boss'] }),
      await replica(t, 'odd', { toolPrefix: 'odd_', requiredRoles: ['guest, boss'] }),
    ],
  });
  const seen = async (who: Person, headers: Record<string, string> = {}) => [
    ...new Set((await tools(fleet.mcp, who, headers)).map((name) => name.split('_')[0])),
  ];
  const root = Buffer.from(JSON.stringify([1, 'root', '', '', '', '', ['mcp.admin', 'boss'], [], [], 0])).toString('base64url');
  const forged = {
    'x-gateway-caller': `${root} 127.0.0.1`,
    'x-mcp-userid': 'root',
    'x-mcp-roles': 'mcp.admin,boss',
    'x-forwarded-for': '10.0.0.1',
  };
  assert.deepEqual(await seen(ALICE), ['open']);
  assert.deepEqual(await seen(ALICE, forged), ['open']);
  assert.deepEqual(await seen(carol), ['odd', 'open']);
  assert.deepEqual(await seen(ADMIN), ['closed', 'odd', 'open']);
  const nobody = await modernRequest(fleet.mcp, 'tools/list', {}, forged);
  assert.equal(nobody.status, 401, 'without a key nobody reaches a router');
  const alice = await Session.open(fleet.mcp, as(ALICE));
  assert.equal((await Session.resume(fleet.mcp, alice.id, as(BOB)).request('tools/list')).status, 404, "somebody else's");
});

test('virtual servers, by path and by header', async (t) => {
  const fleet = await startFleet(t, {
    servers: [await replica(t)],
    virtualServers: [{ name: 'small', tools: ['echo', 'whoami'] }],
  });
  const path = new URL('/servers/small/mcp', fleet.gateway.url);
  assert.deepEqual(await tools(path, ALICE), ['echo', 'whoami']);
  assert.deepEqual(await tools(fleet.mcp, ALICE, { 'x-mcp-virtualserver': 'small' }), ['echo', 'whoami']);
  const session = await Session.open(path, as(ALICE));
  assert.equal(await session.call('echo', { value: 'x' }), 'x');
  assert.equal((await session.request('tools/call', { name: 'big', arguments: { bytes: 1 } })).messages[0]!.error?.code, -32602);
  const unknown = await modernRequest(new URL('/servers/smal/mcp', fleet.gateway.url), 'tools/list', {}, as(ALICE));
  assert.equal(unknown.status, 404);
  assert.match(unknown.text, /did you mean 'small'/);
});

test('notifications reach clients of both eras through the gateway', async (t) => {
  const first = await replica(t, 'first', { toolPrefix: 'first_' });
  const second = await replica(t, 'second', { toolPrefix: 'second_' });
  const fleet = await startFleet(t, { servers: [first] });

  const client = await connectV1(t, fleet.mcp, { requestInit: { headers: as(ALICE) } });
  const told = Promise.withResolvers<void>();
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => told.resolve());
  assert.equal((await client.listTools()).tools.length, 5);
  await eventually('the stream of the session is open', async () => (await streams(fleet.gateway)) === 1);

  const listening = new AbortController();
  t.after(() => listening.abort());
  const answer = await post(
    fleet.mcp,
    {
      jsonrpc: '2.0',
      id: 1,
      method: 'subscriptions/listen',
      params: {
        notifications: { toolsListChanged: true },
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/clientInfo': { name: 'system-test', version: '1.0.0' },
        },
      },
    },
    { ...as(BOB), 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' },
    listening.signal,
  );
  const events = serverEvents(answer.body!);
  const next = async () => {
    for (;;) {
      const { value } = await within(10_000, 'an event', events.next());
      if (value.event === 'message') return JSON.parse(value.data).method;
    }
  };
  assert.equal(await next(), 'notifications/subscriptions/acknowledged');

  fleet.configure({ servers: [first, second] });
  await within(15_000, 'the notification of the legacy client', told.promise);
  assert.equal(await next(), 'notifications/tools/list_changed');
  assert.equal((await client.listTools()).tools.length, 10);
});

const streams = (gateway: Gateway): Promise<number> => gateway.metric('mcp_gateway_proxy_streams_open');

test('what cannot work is refused at the start, with the remedy', async (t) => {
  const endpoints = ['http://127.0.0.1:9'];
  for (const [router, args, why] of [
    [{ endpoints, secret: SECRET }, [], /router\.endpoints names routers, .*--role gateway/],
    [{ endpoints, secret: '${env:ROUTER_SECRET}' }, ['--role', 'gateway'], /router\.secret: must have at least 16 characters/],
    [{ endpoints, secret: '${GATEWAY_SECRET}' }, ['--role', 'gateway'], /router\.secret: /],
    [{ endpoints }, ['--role', 'gateway'], /router\.secret: a gateway and its routers need a secret/],
    [{ secret: SECRET }, ['--role', 'gateway'], /router\.endpoints: a gateway without routers/],
    [{}, ['--role', 'router'], /router\.secret: /],
  ] as const) {
    await assert.rejects(startGateway(t, { config: { router }, args: [...args], env: { ROUTER_SECRET: 'short' } }), why);
  }
});
