// What things are called under /mcp: conflicts, prefixes, overrides, virtual servers, and what is said about a wrong name.

import assert from 'node:assert/strict';
import { before, describe, test, type TestContext } from 'node:test';
import { connectV1, connectV2, firstText, MODERN } from './harness/clients.ts';
import { callTool, errorOf, federation, listAll, mcp, resultOf, startFederation, toolNames } from './harness/federation.ts';
import type { Config, Gateway } from './harness/gateway.ts';
import { LightServer, tool } from './harness/light-server.ts';
import { suiteScope } from './harness/scope.ts';
import { eventually } from './harness/wait.ts';
import { modernRequest, post, readReply, Session } from './harness/wire.ts';

/** Two servers that both have a tool `search`, a prompt `ask` and a resource; one has something of its own, too. */
async function twins(t: TestContext, federationConfig: object, second: object = {}): Promise<Gateway> {
  const items = { tools: [tool('search')], prompts: [{ name: 'ask' }], resources: [{ uri: 'docs://index', name: 'index' }] };
  const web = await LightServer.start(t, 'web', { ...items, tools: [tool('search'), tool('fetch')] });
  const files = await LightServer.start(t, 'files', items);
  return startFederation(t, [web.config(), files.config(second)], { federation: federationConfig });
}

const namesOf = async (gateway: Gateway): Promise<{ tools: string[]; prompts: string[]; resources: string[] }> => ({
  tools: await toolNames(mcp(gateway)),
  prompts: (await listAll(mcp(gateway), 'prompts')).map(({ name }) => name),
  resources: (await listAll(mcp(gateway), 'resources')).map(({ uri }) => uri),
});

describe('a name that two servers have', () => {
  test('is prefixed for the second, by default', async (t) => {
    const gateway = await twins(t, {});
    assert.deepEqual(await namesOf(gateway), {
      tools: ['fetch', 'files_search', 'search'],
      prompts: ['ask', 'files_ask'],
      resources: ['gw+files:docs://index', 'gw+web:docs://index'],
    });
    assert.deepEqual((await federation(gateway)).hidden, []);
    assert.equal(firstText(await callTool(mcp(gateway), 'search')), 'search of web');
    assert.equal(firstText(await callTool(mcp(gateway), 'files_search')), 'search of files');
    const session = await Session.open(mcp(gateway));
    const prompt = resultOf(await session.request('prompts/get', { name: 'files_ask' }));
    assert.equal(prompt.messages[0].content.text, 'ask of files');
    for (const server of ['web', 'files']) {
      const uri = `gw+${server}:docs://index`;
      assert.deepEqual(resultOf(await session.request('resources/read', { uri })).contents, [
        { uri, text: `docs://index of ${server}` },
      ]);
    }
  });

  test('is prefixed for all servers with prefixMode always, with the separator of the configuration', async (t) => {
    const gateway = await twins(t, { prefixMode: 'always', separator: '.' });
    assert.deepEqual(await namesOf(gateway), {
      tools: ['files.search', 'web.fetch', 'web.search'],
      prompts: ['files.ask', 'web.ask'],
      resources: ['gw+files:docs://index', 'gw+web:docs://index'],
    });
    assert.equal(firstText(await callTool(mcp(gateway), 'web.fetch')), 'fetch of web');
  });

  test('hides what came later with prefixMode never, and /status says so', async (t) => {
    const gateway = await twins(t, { prefixMode: 'never' });
    assert.deepEqual(await namesOf(gateway), { tools: ['fetch', 'search'], prompts: ['ask'], resources: ['docs://index'] });
    const { hidden } = await federation(gateway);
    assert.deepEqual(
      hidden.map(({ server, kind, name, why, detail }) => ({ server, kind, name, why, detail })),
      [
        { server: 'files', kind: 'tool', name: 'search', why: 'conflict', detail: "'search' of 'web' came first" },
        { server: 'files', kind: 'prompt', name: 'ask', why: 'conflict', detail: "'ask' of 'web' came first" },
        { server: 'files', kind: 'resource', name: 'docs://index', why: 'conflict', detail: "'docs://index' of 'web' came first" },
      ],
    );
    assert.equal(firstText(await callTool(mcp(gateway), 'search')), 'search of web');
  });

  test('does not arise where a server has a toolPrefix', async (t) => {
    const gateway = await twins(t, {}, { toolPrefix: 'local-' });
    const { tools, prompts } = await namesOf(gateway);
    assert.deepEqual(tools, ['fetch', 'local-search', 'search']);
    assert.deepEqual(prompts, ['ask', 'local-ask']);
    assert.equal(firstText(await callTool(mcp(gateway), 'local-search')), 'search of files');
  });
});

test('names that clients do not allow are made so, and still reach their tool', async (t) => {
  const long = 'l'.repeat(100);
  const server = await LightServer.start(t, 'server', { tools: [tool('with blank'), tool('größer'), tool(long)] });
  const gateway = await startFederation(t, [server.config()]);
  const names = await toolNames(mcp(gateway));
  assert.equal(names.length, 3);
  assert.ok(names.includes('with_blank'));
  for (const name of names) assert.match(name, /^[A-Za-z0-9_.\/-]{1,64}$/);
  const answers = await Promise.all(names.map(async (name) => firstText(await callTool(mcp(gateway), name))));
  assert.deepEqual(new Set(answers), new Set([`with blank of server`, `größer of server`, `${long} of server`]));
});

test('overrides hide, rename, describe and annotate; everything else stays as it came', async (t) => {
  const server = await LightServer.start(t, 'server', {
    tools: [
      tool('secret-1'),
      '{ "name" : "old", "x-own": 12345678901234567890, "inputSchema":{"type":"object"} }',
      tool('read', { annotations: { title: 'Read' } }),
    ],
    prompts: [{ name: 'ask', description: 'Before.' }],
    resources: [{ uri: 'docs://private', name: 'private' }, { uri: 'docs://public', name: 'public' }],
  });
  const overrides = [
    { server: 'server', tool: 'secret-*', hide: true },
    { server: 'server', tool: 'old', rename: 'new', description: 'Better.' },
    { server: 'server', tool: 'read', annotations: { readOnlyHint: true } },
    { server: 'server', prompt: 'ask', description: 'After.' },
    { server: 'server', resource: 'docs://private', hide: true },
  ];
  const gateway = await startFederation(t, [server.config()], { federation: { overrides } });
  assert.deepEqual(await namesOf(gateway), { tools: ['new', 'read'], prompts: ['ask'], resources: ['docs://public'] });
  const reply = await modernRequest(mcp(gateway), 'tools/list');
  assert.ok(reply.text.includes('"x-own": 12345678901234567890, "inputSchema":{"type":"object"}'), reply.text);
  const [renamed, read] = resultOf(reply).tools;
  assert.equal(renamed.description, 'Better.');
  assert.deepEqual(read.annotations, { title: 'Read', readOnlyHint: true });
  assert.equal((await listAll(mcp(gateway), 'prompts'))[0].description, 'After.');
  assert.equal(firstText(await callTool(mcp(gateway), 'new')), 'old of server');

  const session = await Session.open(mcp(gateway));
  for (const name of ['secret-1', 'old']) {
    assert.match(errorOf(await session.request('tools/call', { name, arguments: {} })).message, /^Unknown tool/);
  }
  for (const uri of ['docs://private', 'gw+server:docs://private']) {
    assert.equal(errorOf(await session.request('resources/read', { uri })).code, -32002, uri);
  }
  assert.equal(server.calls('resources/read').length, 0);
  const why = (await federation(gateway)).hidden.map(({ name, why }) => [name, why]);
  assert.deepEqual(why, [['secret-1', 'override'], ['docs://private', 'override']]);
});

describe('a wrong name', () => {
  const scope = suiteScope();
  let gateway: Gateway;

  before(async () => {
    const server = await LightServer.start(scope, 'server', {
      tools: ['create_issue', 'create_pull_request', 'close_issue', 'zebra'].map((name) => tool(name)),
      prompts: [{ name: 'summarize' }],
    });
    gateway = await startFederation(scope, [server.config()]);
  });

  test('of a tool says which names are close', async () => {
    const session = await Session.open(mcp(gateway));
    for (const reply of [
      await session.request('tools/call', { name: 'create_isue', arguments: {} }),
      await modernRequest(mcp(gateway), 'tools/call', { name: 'create_isue', arguments: {} }),
    ]) {
      const error = errorOf(reply);
      assert.equal(error.code, -32602);
      assert.match(error.message, /^Unknown tool: create_isue \(did you mean create_issue/);
      assert.doesNotMatch(error.message, /zebra/);
    }
  });

  test('of a prompt likewise', async () => {
    const error = errorOf(await modernRequest(mcp(gateway), 'prompts/get', { name: 'summarise' }));
    assert.match(error.message, /^Unknown prompt: summarise \(did you mean summarize/);
  });

  test('of a resource is told as each era has it', async () => {
    const uri = 'nowhere://at-all';
    const session = await Session.open(mcp(gateway));
    const legacy = errorOf(await session.request('resources/read', { uri }));
    assert.deepEqual([legacy.code, legacy.data], [-32002, { uri }]);
    const modern = errorOf(await modernRequest(mcp(gateway), 'resources/read', { uri }));
    assert.deepEqual([modern.code, modern.data], [-32602, { uri }]);
  });

  test('that is like nothing is only refused, and reaches no server', async () => {
    const error = errorOf(await modernRequest(mcp(gateway), 'tools/call', { name: 'qqqqqqqqqqqqqqqqq', arguments: {} }));
    assert.equal(error.message, 'Unknown tool: qqqqqqqqqqqqqqqqq');
  });
});

describe('virtual servers', () => {
  const scope = suiteScope();
  const virtualServers = [
    { name: 'reading', tools: ['get_*'], prompts: [], resources: ['docs://public*'], instructions: 'Only look.' },
    { name: 'team/safe', annotations: { readOnlyHint: true }, prompts: [] },
    { name: 'beta-only', servers: ['beta'] },
    { name: 'tagged', tags: ['blue'] },
  ];
  let gateway: Gateway;
  let alpha: LightServer;
  let beta: LightServer;

  before(async () => {
    const mark = { annotations: { readOnlyHint: true } };
    alpha = await LightServer.start(scope, 'alpha', {
      tools: [tool('get_a', mark), tool('put_a')],
      prompts: [{ name: 'ask' }],
      resources: [{ uri: 'docs://public/1', name: '1' }, { uri: 'docs://private/2', name: '2' }],
    });
    beta = await LightServer.start(scope, 'beta', { era: 'modern', tools: [tool('get_b'), tool('put_b', mark)] });
    gateway = await startFederation(scope, [alpha.config(), beta.config({ tags: ['blue', 'green'] })], { virtualServers });
  });

  const expected: Record<string, string[]> = {
    reading: ['get_a', 'get_b'],
    'team/safe': ['get_a', 'put_b'],
    'beta-only': ['get_b', 'put_b'],
    tagged: ['get_b', 'put_b'],
  };
  const all = ['get_a', 'get_b', 'put_a', 'put_b'];

  for (const [name, tools] of Object.entries(expected)) {
    test(`${name} lists and calls what it selects, by path and by header`, async () => {
      const header = { 'x-mcp-virtualserver': name };
      for (const [url, headers] of [[mcp(gateway, name), {}], [mcp(gateway), header]] as const) {
        assert.deepEqual(await toolNames(url, headers), tools);
        const session = await Session.open(url, headers);
        const listed = resultOf(await session.request('tools/list')).tools as { name: string }[];
        assert.deepEqual(listed.map((each) => each.name), tools);
        for (const each of all) {
          const replies = [
            await session.request('tools/call', { name: each, arguments: {} }),
            await modernRequest(url, 'tools/call', { name: each, arguments: {} }, headers),
          ];
          for (const reply of replies) {
            if (tools.includes(each)) assert.equal(firstText(resultOf(reply)), `${each} of ${each.endsWith('a') ? 'alpha' : 'beta'}`);
            else assert.match(errorOf(reply).message, /^Unknown tool/);
          }
        }
      }
      assert.deepEqual(await toolNames(mcp(gateway)), all);
    });
  }

  test('select prompts and resources, on lists and on use', async () => {
    const url = mcp(gateway, 'reading');
    assert.deepEqual(await listAll(url, 'prompts'), []);
    assert.deepEqual((await listAll(url, 'resources')).map(({ uri }) => uri), ['docs://public/1']);
    const before = alpha.calls('prompts/get').length + alpha.calls('resources/read').length;
    assert.match(errorOf(await modernRequest(url, 'prompts/get', { name: 'ask' })).message, /^Unknown prompt/);
    for (const uri of ['docs://private/2', 'gw+alpha:docs://private/2']) {
      assert.match(errorOf(await modernRequest(url, 'resources/read', { uri })).message, /not found/i, uri);
    }
    assert.equal(alpha.calls('prompts/get').length + alpha.calls('resources/read').length, before);
    assert.equal(resultOf(await modernRequest(url, 'resources/read', { uri: 'docs://public/1' })).contents.length, 1);
  });

  test('tell their own instructions', async () => {
    assert.match((await Session.open(mcp(gateway, 'reading'))).initializeResult.instructions, /^Only look\./);
  });

  test('work with the official clients', async (t) => {
    for (const client of [await connectV1(t, mcp(gateway, 'team/safe')), await connectV2(t, mcp(gateway, 'team/safe'), MODERN)]) {
      const { tools } = await (client as { listTools(): Promise<{ tools: { name: string }[] }> }).listTools();
      assert.deepEqual(tools.map(({ name }) => name), ['get_a', 'put_b']);
    }
  });

  test('that do not exist are 404, and close names are said', async () => {
    const message = { jsonrpc: '2.0', id: 1, method: 'ping' };
    const byPath = await readReply(await post(mcp(gateway, 'redaing'), message));
    const byHeader = await readReply(await post(mcp(gateway), message, { 'x-mcp-virtualserver': 'redaing' }));
    for (const reply of [byPath, byHeader]) {
      assert.equal(reply.status, 404);
      assert.match(reply.text, /There is no virtual server 'redaing'; did you mean 'reading'\?/);
    }
    assert.equal((await readReply(await modernRequestAt('nowhere'))).status, 404);
  });

  const modernRequestAt = async (name: string): Promise<Response> =>
    post(mcp(gateway, name), { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }, { 'mcp-protocol-version': '2026-07-28' });

  test('keep their sessions to themselves', async () => {
    const session = await Session.open(mcp(gateway, 'reading'));
    const elsewhere = Session.resume(mcp(gateway, 'beta-only'), session.id);
    assert.equal((await elsewhere.request('tools/list')).status, 404);
    assert.equal((await Session.resume(mcp(gateway), session.id).request('tools/list')).status, 404);
    assert.equal((await session.request('tools/list')).status, 200);
  });

  test('and overrides change when the configuration does', async () => {
    const config = (servers: object[], overrides: object[]): Config => ({
      servers: [alpha.config(), beta.config()],
      virtualServers: servers,
      federation: { overrides },
    });
    gateway.writeConfig(config([{ name: 'later', tools: ['put_*'] }], [{ server: 'alpha', tool: 'put_a', rename: 'put_anew' }]));
    await eventually('the new configuration', async () => {
      assert.deepEqual(await toolNames(mcp(gateway, 'later')), ['put_anew', 'put_b']);
      return true;
    });
    assert.equal((await readReply(await post(mcp(gateway, 'reading'), { jsonrpc: '2.0', id: 1, method: 'ping' }))).status, 404);
  });
});
