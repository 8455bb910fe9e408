// Real servers of every transport and both eras as one server: everything that they offer, under /mcp.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { assertSteps, connectV1, connectV2, firstText, MODERN, type Era } from './harness/clients.ts';
import { startEverything } from './harness/everything.ts';
import { callTool, errorOf, federation, listAll, mcp, resultOf, startFederation, untilListed } from './harness/federation.ts';
import { everythingServer, nodeServer, temporaryDirectory, type Gateway, type ServerConfig } from './harness/gateway.ts';
import { KINDS, type Kind } from './harness/light-server.ts';
import { suiteScope } from './harness/scope.ts';
import { eventually } from './harness/wait.ts';
import { modernRequest, Session } from './harness/wire.ts';

const npmServer = (name: string, args: string[], more: object = {}): ServerConfig =>
  nodeServer(name, `node_modules/@modelcontextprotocol/server-${name}/dist/index.js`, args, { transport: 'stdio', ...more });

const METHODS: Record<Kind, string> = {
  tools: 'tools/list',
  prompts: 'prompts/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
};

describe('real servers as one', () => {
  const scope = suiteScope();
  const names = ['everything', 'streamable', 'old', 'filesystem', 'memory', 'modern'];
  let gateway: Gateway;
  let directory: string;

  before(async () => {
    directory = await temporaryDirectory(scope);
    const [streamable, old] = await Promise.all([startEverything(scope, 'streamableHttp'), startEverything(scope, 'sse')]);
    gateway = await startFederation(scope, [
      everythingServer({ session: 'shared' }),
      { name: 'streamable', url: streamable },
      { name: 'old', url: old, transport: 'sse' },
      npmServer('filesystem', [directory]),
      npmServer('memory', [], { env: { MEMORY_FILE_PATH: join(directory, 'memory.jsonl') } }),
      nodeServer('modern', 'tests/conformance/fixture-server.ts', [], { transport: 'http' }),
    ]);
  });

  test('every server is known with its dialect', async () => {
    const dialects = (await federation(gateway)).servers.map(({ name, dialect, error }) => [name, dialect, error]);
    assert.deepEqual(dialects, [
      ['everything', 'legacy', undefined],
      ['streamable', 'legacy', undefined],
      ['old', 'sse', undefined],
      ['filesystem', 'legacy', undefined],
      ['memory', 'legacy', undefined],
      ['modern', 'modern', undefined],
    ]);
  });

  /** What one server lists to a client that can do nothing in particular. */
  async function listedBy(server: string, kind: Kind): Promise<any[]> {
    const session = await Session.open(gateway.endpoint(server));
    try {
      const message = (await session.request(METHODS[kind])).messages.find(({ result, error }) => result ?? error)!;
      return message.result?.[kind] ?? [];
    } finally {
      await session.end();
    }
  }

  const nameOf = (kind: Kind, item: any): string =>
    kind === 'resources' ? item.uri : kind === 'resourceTemplates' ? item.uriTemplate : item.name;

  for (const kind of KINDS) {
    test(`${METHODS[kind]} is the union of what every server lists`, async () => {
      // server-everything registers one of its tools only after the handshake.
      await eventually(`the union of ${kind}`, async () => {
        const expected = new Map<string, object>();
        const all = await Promise.all(names.filter((name) => name !== 'old').map(async (name) => [name, await listedBy(name, kind)] as const));
        const lists = new Map<string, any[]>(all);
        lists.set('old', lists.get('streamable')!);
        const isAddress = kind === 'resources' || kind === 'resourceTemplates';
        for (const server of names) {
          for (const item of lists.get(server)!) {
            const own = nameOf(kind, item);
            const holders = names.filter((name) => lists.get(name)!.some((each) => nameOf(kind, each) === own));
            // Of an address that several have all are mapped; of a name the first keeps it.
            const seen = isAddress
              ? holders.length > 1 ? `gw+${server}:${own}` : own
              : holders[0] === server ? own : `${server}_${own}`;
            const member = kind === 'resources' ? 'uri' : kind === 'resourceTemplates' ? 'uriTemplate' : 'name';
            expected.set(seen, { ...item, [member]: seen });
          }
        }
        const listed = new Map((await listAll(mcp(gateway), kind)).map((item) => [nameOf(kind, item), item as object]));
        assert.deepEqual([...listed.keys()], [...expected.keys()].sort());
        assert.deepEqual(Object.fromEntries(listed), Object.fromEntries(expected));
        return true;
      });
    });
  }

  const eras: [string, Era][] = [['legacy', 'legacy'], ['modern', MODERN], ['negotiated', 'auto']];
  interface Client {
    callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
    listTools(): Promise<{ tools: { name: string }[] }>;
    getPrompt(prompt: { name: string; arguments?: Record<string, string> }): Promise<unknown>;
    readResource(resource: { uri: string }): Promise<unknown>;
    complete(request: any): Promise<{ completion: { values: string[] } }>;
  }
  const clients: [string, (scope: Parameters<typeof connectV1>[0]) => Promise<Client>][] = [
    ['SDK v1', (t) => connectV1(t, mcp(gateway)) as Promise<unknown> as Promise<Client>],
    ...eras.map(([label, era]): [string, (t: Parameters<typeof connectV1>[0]) => Promise<Client>] => [
      `SDK v2, ${label}`,
      (t) => connectV2(t, mcp(gateway), era) as Promise<unknown> as Promise<Client>,
    ]),
  ];

  for (const [label, connect] of clients) {
    test(`${label} uses the tools of all of them in one session`, async (t) => {
      const client = await connect(t);
      const call = async (name: string, args: Record<string, unknown> = {}): Promise<string> =>
        firstText(await client.callTool({ name, arguments: args }));
      assert.ok((await client.listTools()).tools.length > 50);
      for (const echo of ['echo', 'streamable_echo', 'old_echo']) assert.match(await call(echo, { message: echo }), new RegExp(`${echo}$`));
      const path = join(directory, `${label}.txt`);
      await call('write_file', { path, content: 'written through /mcp' });
      assert.equal(readFileSync(path, 'utf8'), 'written through /mcp');
      assert.equal(await call('read_text_file', { path }), 'written through /mcp');
      await call('create_entities', { entities: [{ name: label, entityType: 'client', observations: ['was here'] }] });
      assert.match(await call('search_nodes', { query: label }), /was here/);
      assert.equal(await call('test_simple_text'), 'This is a simple text response for testing.');
    });

    test(`${label} gets prompts, resources, templates and completions of all of them`, async (t) => {
      const client = await connect(t);
      const prompt = await client.getPrompt({ name: 'old_args-prompt', arguments: { city: 'Paris' } });
      assert.match(JSON.stringify(prompt), /Paris/);
      assert.match(JSON.stringify(await client.getPrompt({ name: 'test_simple_prompt' })), /simple prompt/);

      for (const server of ['everything', 'streamable', 'old']) {
        const uri = `gw+${server}:demo://resource/dynamic/text/7`;
        const { contents } = (await client.readResource({ uri })) as { contents: { uri: string; text: string }[] };
        assert.equal(contents[0]!.uri, uri);
        assert.match(contents[0]!.text, /Resource 7/);
      }
      assert.match(JSON.stringify(await client.readResource({ uri: 'test://template/42/data' })), /Data for ID: 42/);

      const complete = async (ref: object, name: string, value: string, more: object = {}): Promise<string[]> =>
        (await client.complete({ ref, argument: { name, value }, ...more })).completion.values;
      const team = { type: 'ref/prompt', name: 'streamable_completable-prompt' };
      assert.deepEqual(await complete(team, 'department', 'S'), ['Sales', 'Support']);
      assert.deepEqual(await complete(team, 'name', '', { context: { arguments: { department: 'Sales' } } }), ['David', 'Eve', 'Frank']);
      const template = { type: 'ref/resource', uri: 'gw+old:demo://resource/dynamic/text/{resourceId}' };
      assert.deepEqual(await complete(template, 'resourceId', '12'), ['12']);
      assert.deepEqual(await complete({ type: 'ref/prompt', name: 'test_prompt_with_arguments' }, 'arg1', 'par'), ['paris', 'park', 'party']);
    });
  }

  test('addresses in results lead back to where they came from', async (t) => {
    const client = await connectV2(t, mcp(gateway), MODERN);
    const { content } = await client.callTool({ name: 'old_get-resource-links', arguments: { count: 2 } });
    const links = (content as { type: string; uri?: string }[]).flatMap(({ uri }) => uri ?? []);
    assert.equal(links.length, 2);
    for (const uri of links) {
      assert.match(uri, /^gw\+old:demo:/);
      assert.equal((await client.readResource({ uri })).contents[0]!.uri, uri);
    }
  });

  test('progress comes step by step over every transport', async (t) => {
    const call = (name: string) => ({ name, arguments: { duration: 0.2, steps: 4 } });
    const v1 = await connectV1(t, mcp(gateway));
    const v2 = await connectV2(t, mcp(gateway), MODERN);
    for (const prefix of ['', 'streamable_', 'old_']) {
      const name = `${prefix}trigger-long-running-operation`;
      for (const run of [
        (onprogress: (each: { progress: number }) => void) => v1.callTool(call(name), undefined, { onprogress }),
        (onprogress: (each: { progress: number }) => void) => v2.callTool(call(name), { onprogress }),
      ]) {
        const seen: number[] = [];
        await run(({ progress }) => void seen.push(progress));
        assertSteps(seen, 4);
      }
    }
  });

  test('log messages come at the level that the client set, with the name of their server', async () => {
    const session = await Session.open(mcp(gateway));
    const logged = async (): Promise<[string, string][]> =>
      (await session.request('tools/call', { name: 'test_tool_with_logging', arguments: {} })).messages
        .filter((message) => message.method === 'notifications/message')
        .map(({ params }) => [params.level, params.logger]);
    assert.deepEqual(resultOf(await session.request('logging/setLevel', { level: 'info' })), {});
    const heard = await logged();
    assert.equal(heard.length, 3);
    for (const [level, logger] of heard) {
      assert.equal(level, 'info');
      assert.match(logger, /^modern/);
    }
    await session.request('logging/setLevel', { level: 'error' });
    assert.deepEqual(await logged(), []);
    assert.equal(errorOf(await session.request('logging/setLevel', { level: 'loud' })).code, -32602);
  });

  test('a wrong argument reaches the client as its server said it', async () => {
    const wrong = await callTool(mcp(gateway), 'get-sum', { a: 'one', b: 2 });
    assert.equal(wrong.isError, true);
    assert.match(firstText(wrong), /\ba\b[\s\S]*number|number[\s\S]*\ba\b/);
  });

  test('server/discover and initialize tell of what all of them can do', async () => {
    const legacy = (await Session.open(mcp(gateway))).initializeResult;
    const modern = resultOf(await modernRequest(mcp(gateway), 'server/discover'));
    for (const { capabilities } of [legacy, modern]) {
      assert.deepEqual(capabilities.tools, { listChanged: true });
      assert.deepEqual(capabilities.prompts, { listChanged: true });
      assert.deepEqual(capabilities.resources, { subscribe: true, listChanged: true });
      assert.deepEqual(capabilities.completions, {});
      assert.deepEqual(capabilities.logging, {});
    }
    assert.match(legacy.instructions, /everything: # Everything Server/);
  });

  test('an adapter that comes over the REST API is part of it, and leaves with it', async () => {
    const late = { name: 'late', command: process.execPath, args: ['tests/system/fixtures/replica-server.ts', '--http'], cwd: process.cwd(), transport: 'http' };
    assert.equal((await gateway.api('POST', '/adapters', late)).status, 201);
    await untilListed(gateway, ['late']);
    assert.equal(firstText(await callTool(mcp(gateway), 'late_echo', { value: 'here' })), 'here');
    assert.equal((await gateway.api('PUT', '/adapters/late', { ...late, federated: false })).status, 200);
    const listed = async (): Promise<boolean> => (await listAll(mcp(gateway), 'tools')).some(({ name }) => name === 'whoami');
    await eventually('the tools of late gone', async () => !(await listed()));
    assert.equal((await gateway.api('PUT', '/adapters/late', late)).status, 200);
    await eventually('the tools of late back', listed);
    assert.ok((await gateway.api('DELETE', '/adapters/late')).ok);
    await eventually('the tools of late gone for good', async () => !(await listed()));
  });
});
