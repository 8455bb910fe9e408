// Who may use what under /mcp: lists show it, calls are held to it, and what may not be used is as if it were not there.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { ADMIN, ALICE, as, BOB, people, person, type Person } from './harness/access.ts';
import { connectV1, firstText } from './harness/clients.ts';
import { callTool, errorOf, listAll, mcp, resultOf, startFederation, toolNames } from './harness/federation.ts';
import type { Gateway } from './harness/gateway.ts';
import { LightServer, tool } from './harness/light-server.ts';
import { suiteScope } from './harness/scope.ts';
import { eventually } from './harness/wait.ts';
import { modernRequest, post, readReply, Session } from './harness/wire.ts';

const EVE = person('eve');

describe('who may do what under /mcp', () => {
  const scope = suiteScope();
  let gateway: Gateway;
  let shared: LightServer;
  let closed: LightServer;

  before(async () => {
    shared = await LightServer.start(scope, 'shared', {
      tools: [tool('read_it', { annotations: { readOnlyHint: true } }), tool('write_it')],
      prompts: [{ name: 'ask' }, { name: 'secret_ask' }],
      resources: [{ uri: 'docs://open', name: 'open' }, { uri: 'docs://secret/x', name: 'secret' }],
      instructions: 'Shared knows.',
    });
    closed = await LightServer.start(scope, 'closed', { tools: [tool('launch')], instructions: 'Closed knows.' });
    const policy = {
      rules: [
        { name: 'bob-reads', effect: 'deny', when: { users: ['key:bob'], tools: ['write_*'] } },
        { name: 'bob-asks', effect: 'deny', when: { users: ['key:bob'], prompts: ['secret_*'] } },
        { name: 'bob-sees', effect: 'deny', when: { users: ['key:bob'], resources: ['docs://secret/*'] } },
        { name: 'no-root', effect: 'deny', when: { tools: ['read_it'], arguments: [{ pointer: '/path', matches: ['/etc/*'] }] } },
      ],
    };
    gateway = await startFederation(
      scope,
      [shared.config({ requiredRoles: ['reader'] }), closed.config()],
      { ...people(EVE), policy, virtualServers: [{ name: 'everything' }] },
      { identity: as(ADMIN) },
    );
  });

  const seen: [Person, string[]][] = [
    [ADMIN, ['launch', 'read_it', 'write_it']],
    [ALICE, ['read_it', 'write_it']],
    [BOB, ['read_it']],
    [EVE, []],
  ];

  for (const [who, tools] of seen) {
    test(`${who.name} sees and calls ${tools.join(', ') || 'nothing'}`, async () => {
      for (const url of [mcp(gateway), mcp(gateway, 'everything')]) {
        assert.deepEqual(await toolNames(url, as(who)), tools);
        const session = await Session.open(url, as(who));
        const listed = resultOf(await session.request('tools/list')).tools as { name: string }[];
        assert.deepEqual(listed.map(({ name }) => name), tools);
        for (const name of ['launch', 'read_it', 'write_it']) {
          const reply = await session.request('tools/call', { name, arguments: {} });
          if (tools.includes(name)) assert.match(firstText(resultOf(reply)), new RegExp(`^${name} of`));
          else assert.equal(errorOf(reply).message.replace(/ \(did.*/, ''), `Unknown tool: ${name}`);
        }
      }
    });
  }

  test('what may not be used is refused as what does not exist, and suggested to nobody', async () => {
    const before = closed.calls('tools/call').length;
    const refusal = async (who: Person, name: string): Promise<unknown> => {
      const { code, message } = errorOf(await modernRequest(mcp(gateway), 'tools/call', { name, arguments: {} }, as(who)));
      return { code, message: message.replaceAll(name, 'NAME') };
    };
    assert.deepEqual(await refusal(EVE, 'launch'), await refusal(EVE, 'absent'));
    const close = errorOf(await modernRequest(mcp(gateway), 'tools/call', { name: 'launc', arguments: {} }, as(ALICE)));
    assert.doesNotMatch(close.message, /launch/);
    assert.equal(closed.calls('tools/call').length, before);
  });

  test('prompts and resources likewise', async () => {
    const prompts = async (who: Person): Promise<string[]> => (await listAll(mcp(gateway), 'prompts', as(who))).map(({ name }) => name);
    const resources = async (who: Person): Promise<string[]> => (await listAll(mcp(gateway), 'resources', as(who))).map(({ uri }) => uri);
    assert.deepEqual([await prompts(ALICE), await resources(ALICE)], [['ask', 'secret_ask'], ['docs://open', 'docs://secret/x']]);
    assert.deepEqual([await prompts(BOB), await resources(BOB)], [['ask'], ['docs://open']]);
    const asked = shared.calls('prompts/get').length + shared.calls('resources/read').length;
    errorOf(await modernRequest(mcp(gateway), 'prompts/get', { name: 'secret_ask' }, as(BOB)));
    for (const uri of ['docs://secret/x', 'docs://secret/other', 'gw+shared:docs://secret/x']) {
      errorOf(await modernRequest(mcp(gateway), 'resources/read', { uri }, as(BOB)));
    }
    assert.equal(shared.calls('prompts/get').length + shared.calls('resources/read').length, asked);
  });

  test('a rule about arguments counts', async () => {
    const call = (path: string) => modernRequest(mcp(gateway), 'tools/call', { name: 'read_it', arguments: { path } }, as(ALICE));
    resultOf(await call('/srv/a'));
    errorOf(await call('/etc/shadow'));
  });

  test('instructions come of servers that one may use', async () => {
    const { instructions } = (await Session.open(mcp(gateway), as(ALICE))).initializeResult;
    assert.match(instructions, /Shared knows/);
    assert.doesNotMatch(instructions, /Closed/);
  });

  test('a session belongs to who opened it', async () => {
    const session = await Session.open(mcp(gateway), as(ALICE));
    assert.equal((await Session.resume(mcp(gateway), session.id, as(BOB)).request('tools/list')).status, 404);
    assert.equal((await session.request('tools/list')).status, 200);
  });

  test('who does not say who he is gets 401', async () => {
    for (const url of [mcp(gateway), mcp(gateway, 'everything'), mcp(gateway, 'nowhere')]) {
      assert.equal((await readReply(await post(url, { jsonrpc: '2.0', id: 1, method: 'ping' }))).status, 401, url.href);
    }
  });

  test('sessions on servers are not shared between principals', async () => {
    await Promise.all([ALICE, BOB].map((who) => callTool(mcp(gateway), 'read_it', { by: who.name }, as(who))));
    const ids = [ALICE, BOB].map(({ name }) => {
      const exchange = shared.calls('tools/call').findLast(({ message }) => message.params.arguments.by === name)!;
      return exchange.request.headers['mcp-session-id'];
    });
    assert.notEqual(ids[0], ids[1]);
  });

  test('an official client works with its share', async (t) => {
    const client = await connectV1(t, mcp(gateway), { requestInit: { headers: as(BOB) } });
    assert.deepEqual((await client.listTools()).tools.map(({ name }) => name), ['read_it']);
    assert.equal(firstText(await client.callTool({ name: 'read_it', arguments: {} })), 'read_it of shared');
  });

  test('and it changes when the rules do', async () => {
    const config = {
      ...people(EVE),
      servers: [shared.config({ requiredRoles: ['reader'] }), closed.config()],
      policy: { rules: [{ name: 'nobody-reads', effect: 'deny', when: { tools: ['read_it'] } }] },
    };
    const session = await Session.open(mcp(gateway), as(BOB));
    gateway.writeConfig(config);
    await eventually('the new rules', async () => {
      const { tools } = resultOf(await session.request('tools/list')) as { tools: { name: string }[] };
      assert.deepEqual(tools.map(({ name }) => name), ['write_it']);
      return true;
    });
    errorOf(await session.request('tools/call', { name: 'read_it', arguments: {} }));
  });
});
