// Rules, limits, capability headers, forwarded identities and the audit trail, as clients and operators meet them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { createRemoteJWKSet, exportSPKI, generateKeyPair, jwtVerify, SignJWT, type CryptoKey } from 'jose';
import { ADMIN, ALICE, as, BOB, openAs, people, person, type Person } from './harness/access.ts';
import { Application } from './harness/application.ts';
import { connectSse, connectV1, connectV2, firstText, MODERN } from './harness/clients.ts';
import { startEverything } from './harness/everything.ts';
import { BINARY, everythingServer, exampleServer, startGateway, temporaryDirectory, type Config, type Gateway } from './harness/gateway.ts';
import { Issuer } from './harness/issuer.ts';
import { suiteScope, type Scope } from './harness/scope.ts';
import { Upstream, withHandshake, type Exchange } from './harness/upstream.ts';
import { eventually, within } from './harness/wait.ts';
import { modernRequest, post, readReply, Session, type HeaderMap, type Reply } from './harness/wire.ts';

const run = promisify(execFile);

const TOOLS = [
  { name: 'read_file', annotations: { readOnlyHint: true } },
  { name: 'write_file', annotations: { readOnlyHint: false, destructiveHint: false } },
  { name: 'delete_file', annotations: { destructiveHint: true } },
  { name: 'plain' },
].map((tool) => ({ ...tool, inputSchema: { type: 'object' } }));

/** A server with these tools, two prompts and two resources; it answers everything, also for what it does not have. */
const files = (scope: Scope, answer?: (exchange: Exchange) => unknown): Promise<Upstream> =>
  Upstream.start(
    scope,
    withHandshake((exchange) => {
      if (exchange.request.method === 'GET') return exchange.json({}, 405);
      switch (exchange.message.method) {
        case 'tools/list':
          return exchange.result({ tools: TOOLS });
        case 'prompts/list':
          return exchange.result({ prompts: [{ name: 'greet' }, { name: 'secret_prompt' }] });
        case 'resources/list':
          return exchange.result({ resources: [{ uri: 'file:///a', name: 'a' }, { uri: 'file:///secret/b', name: 'b' }] });
        case 'tools/call':
          if (answer) return answer(exchange);
      }
      return exchange.result({ content: [{ type: 'text', text: 'done' }] });
    }),
  );

interface Rule {
  name: string;
  effect: 'allow' | 'deny' | 'require';
  scopes?: string[];
  when?: Record<string, unknown>;
}

const rules = (...all: Rule[]): Config => ({ policy: { rules: all } });

async function filed(scope: Scope, more: Config = {}, answer?: (exchange: Exchange) => unknown, server: object = {}): Promise<{ gateway: Gateway; upstream: Upstream; url: URL }> {
  const upstream = await files(scope, answer);
  const config = { ...people(), servers: [{ name: 'files', url: upstream.url, requiredRoles: ['reader'], ...server }], ...more };
  const gateway = await startGateway(scope, { config });
  gateway.identity = as(ADMIN);
  return { gateway, upstream, url: gateway.endpoint('files') };
}

const toolNames = (reply: Reply): string[] => (reply.messages[0]!.result.tools as { name: string }[]).map((tool) => tool.name);

/** Whether the call was done, or why not. */
async function outcome(session: Session, name: string, args: object = {}): Promise<string> {
  const reply = await session.request('tools/call', { name, arguments: args });
  if (reply.status !== 200) return String(reply.status);
  const { result, error } = reply.messages[0]!;
  return result ? 'done' : `${error!.code} ${error!.message}`;
}

describe('rules', () => {
  const cases: { what: string; rule: Rule; callers?: Person[]; allowed: [string, object?][]; denied: [string, object?][]; listed: string[] }[] = [
    {
      what: 'by role',
      rule: { name: 'r', effect: 'deny', when: { roles: ['INTERN'], tools: ['*'] } },
      allowed: [],
      denied: [['read_file'], ['plain']],
      listed: [],
    },
    {
      what: 'by the name of a tool',
      rule: { name: 'r', effect: 'deny', when: { tools: ['*_file'] } },
      allowed: [['plain'], ['file']],
      denied: [['read_file'], ['delete_file'], ['a/b_file']],
      listed: ['plain'],
    },
    {
      what: 'by annotation',
      rule: { name: 'r', effect: 'deny', when: { annotations: { readOnlyHint: false } } },
      allowed: [['read_file']],
      denied: [['write_file'], ['delete_file'], ['plain']],
      listed: ['read_file'],
    },
    {
      what: 'by two annotations',
      rule: { name: 'r', effect: 'deny', when: { annotations: { readOnlyHint: false, destructiveHint: false } } },
      allowed: [['read_file'], ['delete_file'], ['plain']],
      denied: [['write_file']],
      listed: ['read_file', 'delete_file', 'plain'],
    },
    {
      what: 'by argument',
      rule: { name: 'r', effect: 'deny', when: { tools: ['read_file'], arguments: [{ pointer: '/path', matches: ['/etc/*'] }] } },
      allowed: [['read_file', { path: '/srv/a' }], ['read_file', {}], ['write_file', { path: '/etc/a' }]],
      denied: [['read_file', { path: '/etc/shadow' }], ['read_file', { Path: '/etc/shadow' }]],
      listed: ['read_file', 'write_file', 'delete_file', 'plain'],
    },
    {
      what: 'by an argument within an argument',
      rule: { name: 'r', effect: 'deny', when: { arguments: [{ pointer: '/filter/owner', equals: ['root', 7] }] } },
      allowed: [['read_file', { filter: { owner: 'alice' } }], ['read_file', { filter: 'root' }]],
      denied: [['read_file', { filter: { owner: 'root' } }], ['read_file', { filter: { owner: 7.0 } }]],
      listed: ['read_file', 'write_file', 'delete_file', 'plain'],
    },
    {
      what: 'by network',
      rule: { name: 'r', effect: 'deny', when: { networks: ['127.0.0.0/8'], tools: ['plain'] } },
      allowed: [['read_file']],
      denied: [['plain']],
      listed: ['read_file', 'write_file', 'delete_file'],
    },
    {
      what: 'by a network that is another',
      rule: { name: 'r', effect: 'deny', when: { networks: ['10.0.0.0/8'] } },
      allowed: [['read_file'], ['plain']],
      denied: [],
      listed: ['read_file', 'write_file', 'delete_file', 'plain'],
    },
    {
      what: 'by API key and user',
      rule: { name: 'r', effect: 'deny', when: { apiKeys: ['ira'], users: ['key:i*'], tools: ['plain'] } },
      allowed: [['read_file']],
      denied: [['plain']],
      listed: ['read_file', 'write_file', 'delete_file'],
    },
  ];
  const intern = person('ira', 'reader', 'intern');
  for (const { what, rule, allowed, denied, listed } of cases) {
    test(`${what}: lists show what may be called, and the rest is unknown`, async (t) => {
      const { gateway, upstream, url } = await filed(t, { ...people(intern), ...rules(rule) });
      const session = await openAs(intern, url);
      assert.deepEqual(toolNames(await session.request('tools/list')), listed);
      const modern = await modernRequest(url, 'tools/list', {}, as(intern));
      assert.deepEqual(toolNames(modern), listed);
      const before = upstream.calls('tools/call').length;
      for (const [tool, args] of denied) {
        assert.equal(await outcome(session, tool, args), `-32602 Unknown tool: ${tool}`, tool);
        const reply = await modernRequest(url, 'tools/call', { name: tool, arguments: args ?? {} }, as(intern));
        assert.equal(reply.messages[0]!.error!.message, `Unknown tool: ${tool}`);
      }
      assert.equal(upstream.calls('tools/call').length, before, 'the server hears nothing of them');
      for (const [tool, args] of allowed) {
        assert.equal(await outcome(session, tool, args), 'done', `${tool} ${JSON.stringify(args)}`);
        assert.equal((await modernRequest(url, 'tools/call', { name: tool, arguments: args ?? {} }, as(intern))).status, 200);
      }
      // What `why` says is what happens.
      for (const [list, code] of [[allowed, 0], [denied, 1]] as const) {
        for (const [tool, args] of list) {
          const hints = Object.entries(TOOLS.find((each) => each.name === tool)?.annotations ?? {});
          const why = await run(BINARY, [
            'why', '--config', gateway.configFile, '--user', 'key:ira', '--api-key', 'ira', '--role', 'reader', '--role', 'intern', '--adapter', 'files', '--tool', tool,
            '--args', JSON.stringify(args ?? {}), '--from', '127.0.0.1', '--output', 'json', '--hint', 'openWorldHint=true', ...hints.flatMap(([hint, value]) => ['--hint', `${hint}=${String(value)}`]),
          ]).then(() => 0, (error: { code: number }) => error.code);
          assert.equal(why, code, `why ${tool} ${JSON.stringify(args)}`);
        }
      }
    });
  }

  test('an adapter that a rule closes is not there', async (t) => {
    const { gateway, url } = await filed(t, rules({ name: 'r', effect: 'deny', when: { users: ['key:bob'] } }));
    const closed = await readReply(await post(url, { jsonrpc: '2.0', id: 1, method: 'ping' }, as(BOB)));
    const missing = await readReply(await post(gateway.endpoint('filez'), { jsonrpc: '2.0', id: 1, method: 'ping' }, as(BOB)));
    assert.equal(closed.status, 404);
    assert.equal(closed.text, missing.text.replace('filez', 'files'));
    assert.ok((await openAs(ALICE, url)).id);
  });

  test('deny wins, and without an allow rule the default counts', async (t) => {
    const policy = {
      default: 'deny',
      rules: [
        { name: 'readers', effect: 'allow', when: { roles: ['reader'], tools: ['read_*', 'write_*'] } },
        { name: 'connect', effect: 'allow', when: { roles: ['reader'], adapters: ['files'] } },
        { name: 'no-writing', effect: 'deny', when: { tools: ['write_*'] } },
      ] satisfies Rule[],
    };
    const { url } = await filed(t, { policy });
    const session = await openAs(BOB, url);
    assert.equal(await outcome(session, 'read_file'), 'done');
    assert.match(await outcome(session, 'write_file'), /Unknown tool/);
  });

  test('prompts and resources are hidden as tools are', async (t) => {
    const { url, upstream } = await filed(
      t,
      rules({ name: 'p', effect: 'deny', when: { prompts: ['secret_*'] } }, { name: 'r', effect: 'deny', when: { resources: ['file:///secret/*'] } }),
    );
    const session = await openAs(BOB, url);
    assert.deepEqual((await session.request('prompts/list')).messages[0]!.result.prompts, [{ name: 'greet' }]);
    assert.deepEqual((await session.request('resources/list')).messages[0]!.result.resources, [{ uri: 'file:///a', name: 'a' }]);
    const denied: [string, object][] = [
      ['prompts/get', { name: 'secret_prompt' }],
      ['resources/read', { uri: 'file:///secret/b' }],
      ['resources/subscribe', { uri: 'file:///secret/b' }],
      ['completion/complete', { ref: { type: 'ref/prompt', name: 'secret_prompt' }, argument: { name: 'a', value: 'b' } }],
      ['completion/complete', { ref: { type: 'ref/resource', uri: 'file:///secret/b' }, argument: { name: 'a', value: 'b' } }],
    ];
    for (const [method, params] of denied) {
      assert.ok((await session.request(method, params)).messages[0]!.error, method);
      assert.equal(upstream.calls(method).length, 0, method);
    }
    assert.ok((await session.request('prompts/get', { name: 'greet' })).messages[0]!.result);
    assert.ok((await session.request('resources/read', { uri: 'file:///a' })).messages[0]!.result);
  });

  test('a hidden item and one that the server does not have get the same answer', async (t) => {
    const everything = everythingServer({ requiredRoles: ['reader'] });
    const gateway = await startGateway(t, { config: { ...people(), servers: [everything], ...rules({ name: 'r', effect: 'deny', when: { tools: ['echo', 'never-there'] } }) } });
    gateway.identity = as(ADMIN);
    await gateway.ready('everything');
    const session = await openAs(BOB, gateway.endpoint('everything'));
    const answers = [];
    for (const name of ['echo', 'never-there']) {
      const reply = await session.request('tools/call', { name, arguments: { message: 'x' } });
      answers.push({ status: reply.status, type: reply.headers.get('content-type'), text: reply.text.replaceAll(name, 'NAME').replace(/"id":\d+/, '') });
    }
    assert.deepEqual(answers[0], answers[1]);
  });
});

describe('lists', () => {
  const scope = suiteScope();
  let gateway: Gateway;
  const hide = rules(
    { name: 'tools', effect: 'deny', when: { roles: ['reader'], tools: ['get-*', 'countdown'] } },
    { name: 'prompts', effect: 'deny', when: { roles: ['reader'], prompts: ['complex-*', 'args-prompt'] } },
  );

  before(async () => {
    const url = await startEverything(scope, 'sse');
    const sse = { name: 'old', url, transport: 'sse', requiredRoles: ['reader'] };
    const forReaders = { requiredRoles: ['reader'] };
    gateway = await startGateway(scope, { config: { ...people(), ...hide, servers: [exampleServer(forReaders), everythingServer(forReaders), sse] } });
    gateway.identity = as(ADMIN);
    await gateway.ready('example');
    await gateway.ready('everything');
  });

  const init = (who: Person): { requestInit: RequestInit } => ({ requestInit: { headers: as(who) } });
  interface Listing {
    listTools(): Promise<{ tools: { name: string }[] }>;
    callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  }
  const connections: [string, 'example' | 'everything' | 'old', (t: Scope, who: Person) => Promise<Listing>][] = [
    ['SDK v1 with an HTTP server', 'example', (t, who) => connectV1(t, gateway.endpoint('example'), init(who))],
    ['SDK v2, legacy, with an HTTP server', 'example', (t, who) => connectV2(t, gateway.endpoint('example'), 'legacy', init(who))],
    ['SDK v2, modern, with an HTTP server', 'example', (t, who) => connectV2(t, gateway.endpoint('example'), MODERN, init(who))],
    ['SDK v1 with a stdio server', 'everything', (t, who) => connectV1(t, gateway.endpoint('everything'), init(who))],
    ['HTTP+SSE with a stdio server', 'everything', (t, who) => connectSse(t, gateway.endpoint('everything', 'sse'), as(who))],
    ['HTTP+SSE with an HTTP+SSE server', 'old', (t, who) => connectSse(t, gateway.endpoint('old', 'sse'), as(who))],
  ];
  for (const [what, server, connect] of connections) {
    test(`${what}: readers see what they may call, administrators everything`, async (t) => {
      const reader = await connect(t, BOB);
      const admin = await connect(t, ADMIN);
      const all = (await admin.listTools()).tools.map((tool) => tool.name);
      const seen = (await reader.listTools()).tools.map((tool) => tool.name);
      const hidden = (name: string): boolean => name.startsWith('get-') || name === 'countdown';
      assert.ok(all.some(hidden));
      assert.deepEqual(seen, all.filter((name) => !hidden(name)));
      const good = server === 'example' ? { name: 'add', arguments: { a: 40, b: 2 } } : { name: 'echo', arguments: { message: '42' } };
      assert.match(firstText(await reader.callTool(good)), /42/);
      const bad = all.find(hidden)!;
      await assert.rejects(reader.callTool({ name: bad, arguments: {} }), server === 'old' || what.startsWith('HTTP+SSE') ? /403|Unknown tool/ : /Unknown tool/);
    });
  }

  test('prompts, too', async (t) => {
    const reader = await connectV1(t, gateway.endpoint('everything'), init(BOB));
    const names = (await reader.listPrompts()).prompts.map((prompt) => prompt.name);
    assert.ok(names.length > 0 && names.every((name) => !/^complex-|^args-prompt$/.test(name)), names.join());
  });

  test('a list that comes as events is filtered, and what comes before it passes', async (t) => {
    const upstream = await Upstream.start(
      t,
      withHandshake((exchange) => {
        exchange.startEvents();
        exchange.event({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'get-notice' } });
        exchange.event({ jsonrpc: '2.0', id: exchange.message.id, result: { tools: [{ name: 'get-a' }, { name: 'b' }], nextCursor: 'x' } });
        exchange.response.end();
      }),
    );
    const events = await startGateway(t, { config: { ...people(), ...hide, servers: [{ name: 'events', url: upstream.url, requiredRoles: ['reader'] }] } });
    const reply = await (await openAs(BOB, events.endpoint('events'))).request('tools/list');
    assert.deepEqual(reply.messages.map((each) => each.params?.data ?? each.result), ['get-notice', { tools: [{ name: 'b' }], nextCursor: 'x' }]);
  });
});

test('a scope that is missing is asked for, and the client comes back with it', async (t) => {
  const issuer = await Issuer.start(t, { users: [{ sub: 'alice', roles: ['reader'] }] });
  const { gateway, upstream, url } = await filed(t, {
    auth: { issuers: [{ issuer: issuer.url }], keys: [ADMIN], resource: { scopes: ['files.read'] } },
    ...rules({ name: 'writing', effect: 'require', scopes: ['files.read', 'files.write'], when: { tools: ['write_*'] } }),
  });
  // By hand, to see the challenge.
  const weak = await issuer.mint({ aud: url.href, roles: ['reader'], scope: 'files.read' });
  const session = await Session.open(url, { authorization: `Bearer ${weak}` });
  assert.equal(toolNames(await session.request('tools/list')).includes('write_file'), true, 'what only lacks a scope is shown');
  assert.equal(await outcome(session, 'read_file'), 'done');
  const refused = await session.stream('tools/call', { name: 'write_file', arguments: {} });
  assert.equal(refused.status, 403);
  const challenge = refused.headers.get('www-authenticate')!;
  assert.match(challenge, /^Bearer error="insufficient_scope"/);
  assert.match(challenge, /scope="files\.read files\.write"/);
  assert.ok(challenge.includes(`resource_metadata="${gateway.url.replace(/\/$/, '')}/.well-known/oauth-protected-resource/adapters/files/mcp"`), challenge);
  assert.equal((await modernRequest(url, 'tools/call', { name: 'write_file', arguments: {} }, { authorization: `Bearer ${weak}` })).status, 403);
  assert.equal(upstream.calls('tools/call').length, 1);
  const strong = await issuer.mint({ aud: url.href, roles: ['reader'], scope: 'files.read files.write' });
  const again = Session.resume(url, session.id, { authorization: `Bearer ${strong}` });
  assert.equal(await outcome(again, 'write_file'), 'done', 'in the same session: it is the same user');

  // And by the SDK, which logs in again with the scopes of the challenge.
  const application = new Application();
  application.clientMetadata.scope = 'files.read';
  await auth(application, { serverUrl: url, scope: 'files.read' });
  const first = await issuer.logIn(application.authorizationUrl!);
  await auth(application, { serverUrl: url, authorizationCode: first.searchParams.get('code')! });
  const client = await connectV1(t, url, { authProvider: application });
  assert.equal(firstText(await client.callTool({ name: 'read_file', arguments: {} })), 'done');
  application.authorizationUrl = undefined;
  await assert.rejects(client.callTool({ name: 'write_file', arguments: {} }));
  const asked = application.authorizationUrl as URL | undefined;
  assert.match(asked!.searchParams.get('scope')!, /files\.write/);
  const second = await issuer.logIn(asked!);
  assert.equal(await auth(application, { serverUrl: url, authorizationCode: second.searchParams.get('code')! }), 'AUTHORIZED');
  assert.equal(firstText(await client.callTool({ name: 'write_file', arguments: {} })), 'done');
});

describe('the signed capability header', () => {
  const scope = suiteScope();
  let url: URL;
  let upstream: Upstream;
  let gateway: Gateway;
  let key: CryptoKey;

  before(async () => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    key = pair.privateKey;
    const publicKey = await exportSPKI(pair.publicKey);
    const config = { auth: { keys: [ADMIN, ALICE, BOB], capabilities: { publicKey } } };
    ({ gateway, upstream, url } = await filed(scope, config));
  });

  const sign = (claims: Record<string, unknown>, { by = key, alg = 'ES256', exp = '5m' } = {}): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg }).setIssuedAt().setExpirationTime(exp).sign(by);
  const claims: Record<string, Record<string, unknown>> = {
    'x-mcp-authorized': { 'allowed-capabilities': JSON.stringify({ tools: { 'ns/files': ['read_file', 'plain'] }, prompts: { 'ns/files': [] } }) },
    'x-authorized-tools': { 'allowed-tools': JSON.stringify({ files: ['read_file', 'plain'] }) },
  };
  for (const header of Object.keys(claims)) {
    test(`${header} filters lists and stops calls`, async () => {
      const identity = { ...as(BOB), [header]: await sign(claims[header]!) };
      const session = await Session.open(url, identity);
      assert.deepEqual(toolNames(await session.request('tools/list')), ['read_file', 'plain']);
      assert.equal(await outcome(session, 'read_file'), 'done');
      assert.equal(await outcome(session, 'delete_file'), '-32602 Unknown tool: delete_file');
      assert.equal((await modernRequest(url, 'tools/call', { name: 'plain', arguments: {} }, identity)).status, 200);
      const prompts = (await session.request('prompts/list')).messages[0]!.result.prompts as unknown[];
      assert.equal(prompts.length, header === 'x-mcp-authorized' ? 0 : 2, 'what is not spoken of is not filtered');
      for (const { request } of upstream.exchanges) assert.equal(request.headers[header], undefined, 'it does not go upstream');
    });
  }

  test('what is not exactly right allows nothing', async () => {
    const stranger = (await generateKeyPair('ES256')).privateKey;
    const good = await sign(claims['x-authorized-tools']!);
    const [head, payload, signature] = good.split('.') as [string, string, string];
    const wrong: Record<string, string> = {
      'by a stranger': await sign(claims['x-authorized-tools']!, { by: stranger }),
      expired: await sign(claims['x-authorized-tools']!, { exp: '-5m' }),
      'without a signature': `${head}.${payload}.`,
      'of the algorithm none': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.${signature}`,
      'with more in it': `${head}.${Buffer.from(JSON.stringify({ 'allowed-tools': { files: ['read_file', 'delete_file'] } })).toString('base64url')}.${signature}`,
      'without claims': await sign({}),
      'of another form': await sign({ 'allowed-tools': JSON.stringify({ files: 'read_file' }) }),
      garbage: 'yes',
      empty: '',
    };
    for (const [what, token] of Object.entries(wrong)) {
      const session = await Session.open(url, { ...as(BOB), 'x-authorized-tools': token });
      assert.deepEqual(toolNames(await session.request('tools/list')), [], what);
      assert.match(await outcome(session, 'read_file'), /Unknown tool/, what);
    }
    const both = await Session.open(url, { ...as(BOB), 'x-authorized-tools': good, 'x-mcp-authorized': await sign(claims['x-mcp-authorized']!) });
    assert.match(await outcome(both, 'read_file'), /Unknown tool/, 'two headers');
    assert.equal(toolNames(await (await openAs(BOB, url)).request('tools/list')).length, TOOLS.length, 'without the header');
    assert.ok(gateway.process.exit === undefined);
  });

  test('where it is required nothing is there without it', async (t) => {
    const publicKey = await exportSPKI((await generateKeyPair('ES256')).publicKey);
    const strict = await filed(t, { auth: { keys: [ADMIN, BOB], capabilities: { publicKey, required: true } } });
    const session = await openAs(BOB, strict.url);
    assert.deepEqual(toolNames(await session.request('tools/list')), []);
    assert.match(await outcome(session, 'read_file'), /Unknown tool/);
  });
});

describe('limits', () => {
  test('too many requests get 429, which says when to come back', async (t) => {
    const { gateway, url } = await filed(t, { limits: [{ name: 'few', per: ['principal'], rate: '6/1m', burst: 3, when: { tools: ['plain'] } }, { name: 'rest', per: ['principal'], rate: '60/1h', burst: 2, when: { users: ['key:ira'] } }], ...people(person('ira')) });
    const alice = await openAs(ALICE, url);
    const bob = await openAs(BOB, url);
    for (let i = 0; i < 3; ++i) assert.equal(await outcome(alice, 'plain'), 'done');
    const refused = await alice.stream('tools/call', { name: 'plain', arguments: {} });
    assert.equal(refused.status, 429);
    const wait = Number(refused.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 10, String(wait));
    assert.equal((await modernRequest(url, 'tools/call', { name: 'plain', arguments: {} }, as(ALICE))).status, 429);
    assert.equal(await outcome(alice, 'read_file'), 'done', 'another tool');
    assert.equal(await outcome(bob, 'plain'), 'done', 'somebody else');
    const ira = person('ira');
    const statuses = [];
    for (let i = 0; i < 4; ++i) statuses.push((await gateway.api('GET', '/whoami', undefined, as(ira))).status);
    assert.deepEqual(statuses, [200, 200, 429, 429], 'the REST API, too');
  });

  test('no more at once than is allowed, and everybody in turn', async (t) => {
    let atOnce = 0;
    let most = 0;
    const order: string[] = [];
    const waiting: (() => void)[] = [];
    const { url, upstream } = await filed(
      t,
      { limits: [{ name: 'two', concurrency: 2, queue: 100, queueTimeout: '30s', when: { tools: ['plain'] } }] },
      (exchange) => {
        most = Math.max(most, ++atOnce);
        order.push(String(exchange.message.params.arguments.who));
        waiting.push(() => {
          --atOnce;
          exchange.result({ content: [] });
        });
      },
    );
    const greedy = await openAs(ALICE, url);
    const modest = await openAs(BOB, url);
    const call = (session: Session, who: string): Promise<Reply> => session.request('tools/call', { name: 'plain', arguments: { who } });
    const many = Array.from({ length: 40 }, () => call(greedy, 'greedy'));
    await eventually('two calls', () => waiting.length === 2);
    const few = Array.from({ length: 3 }, () => call(modest, 'modest'));
    await eventually('the end', () => {
      waiting.shift()?.();
      return order.length === 43 && waiting.length === 0;
    }, { deadline: 20_000 });
    for (const reply of await Promise.all([...many, ...few])) assert.equal(reply.status, 200);
    assert.equal(most, 2, 'at once');
    assert.equal(upstream.calls('tools/call').length, 43);
    const turns = order.map((who, at) => (who === 'modest' ? at : -1)).filter((at) => at >= 0);
    assert.ok(turns.at(-1)! < 20, `the modest one was served at ${turns.join()} of ${order.length}`);
  });

  test('a full queue and a long wait end with 429', async (t) => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const { url } = await filed(
      t,
      { limits: [{ name: 'one', concurrency: 1, queue: 1, queueTimeout: '300ms', when: { tools: ['plain'] } }] },
      async (exchange) => {
        await held;
        exchange.result({});
      },
    );
    const session = await openAs(BOB, url);
    const calls = Array.from({ length: 4 }, () => session.request('tools/call', { name: 'plain' }));
    const refused: Reply[] = [];
    for (const call of calls) void call.then((reply) => refused.push(reply));
    // Two find the queue full, one waits in it until it is too late.
    await eventually('three are refused', () => refused.length === 3);
    for (const { status, headers } of refused) {
      assert.equal(status, 429);
      assert.ok(Number(headers.get('retry-after')) >= 1);
    }
    release();
    assert.deepEqual((await Promise.all(calls)).map((reply) => reply.status).sort(), [200, 429, 429, 429]);
  });
});

describe('forwarded identity', () => {
  test('servers learn of the caller just what they ask for', async (t) => {
    const upstream = await files(t);
    const server = (name: string, forwardedIdentity: string): { name: string } => ({ name, url: upstream.url, requiredRoles: ['*'], forwardedIdentity, federated: false } as { name: string });
    const dana = person('dana', 'reader', 'editor');
    const gateway = await startGateway(t, { config: { ...people(dana), servers: [server('nothing', 'none'), server('fields', 'headers'), server('signed', 'token')] } });
    const seen = async (name: string): Promise<HeaderMap> => {
      await openAs(dana, gateway.endpoint(name));
      return upstream.calls('initialize').at(-1)!.request.headers as HeaderMap;
    };
    const nothing = await seen('nothing');
    assert.deepEqual(Object.keys(nothing).filter((name) => name.startsWith('x-mcp')), []);
    const fields = await seen('fields');
    assert.deepEqual([fields['x-mcp-userid'], fields['x-mcp-username'], fields['x-mcp-roles'], fields['x-mcp-identity']], ['key:dana', 'dana', 'reader,editor', undefined]);
    const signed = await seen('signed');
    assert.equal(signed['x-mcp-userid'], 'key:dana');
    const origin = gateway.url.replace(/\/$/, '');
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', gateway.url));
    const { payload } = await jwtVerify(signed['x-mcp-identity']!, keys, { issuer: origin, audience: `${origin}/adapters/signed` });
    assert.equal(payload.sub, 'key:dana');
    assert.deepEqual(payload.roles, ['reader', 'editor']);
    assert.ok(payload.exp! - payload.iat! <= 120);
    await assert.rejects(jwtVerify(signed['x-mcp-identity']!, keys, { audience: `${origin}/adapters/fields` }));
    const set = (await (await fetch(new URL('/.well-known/jwks.json', gateway.url))).json()) as { keys: Record<string, unknown>[] };
    assert.ok(set.keys.length > 0 && set.keys.every((key) => key.d === undefined), 'no private key');
    // It is no token for the gateway itself.
    assert.equal((await post(gateway.endpoint('signed'), { jsonrpc: '2.0', id: 1, method: 'ping' }, { authorization: `Bearer ${signed['x-mcp-identity']!}` })).status, 401);
  });
});

describe('reload', () => {
  test('a changed rule counts at once, and no request fails meanwhile', async (t) => {
    const upstream = await files(t);
    const config = (more: Config): Config => ({ ...people(), servers: [{ name: 'files', url: upstream.url, requiredRoles: ['reader'] }], ...more });
    const gateway = await startGateway(t, { config: config({}) });
    gateway.identity = as(ADMIN);
    const url = gateway.endpoint('files');
    const sessions = await Promise.all([ALICE, BOB, ALICE, BOB].map((who) => openAs(who, url)));
    let stop = false;
    let sent = 0;
    const load = sessions.map(async (session) => {
      while (!stop) {
        assert.equal(await outcome(session, 'read_file'), 'done');
        ++sent;
      }
    });
    const failed = Promise.race(load).then(() => undefined);
    for (let round = 0; round < 6; ++round) {
      const denies = round % 2 === 0;
      gateway.writeConfig(config(denies ? rules({ name: `r${round}`, effect: 'deny', when: { tools: ['delete_*'] } }) : {}));
      const applied = eventually(`round ${round}`, async () => (await outcome(sessions[0]!, 'delete_file')).startsWith('-32602') === denies);
      await Promise.race([applied, failed]);
      const until = sent + 50;
      await Promise.race([eventually('more requests', () => sent >= until), failed]);
    }
    stop = true;
    await Promise.all(load);
  });

  test('a file that is wrong changes nothing', async (t) => {
    const good = rules({ name: 'no-deleting', effect: 'deny', when: { tools: ['delete_*'] } });
    const { gateway, upstream, url } = await filed(t, good);
    const session = await openAs(BOB, url);
    const servers = [{ name: 'files', url: upstream.url, requiredRoles: ['reader'] }];
    const broken: (Config | string)[] = [
      { ...people(), servers, policy: { rules: [{ name: 'r', effect: 'perhaps' }] } },
      { ...people(), servers, ...rules({ name: 'r', effect: 'deny', when: { networks: ['300.0.0.0/8'] } }) },
      { ...people(), servers, ...rules({ name: 'r', effect: 'deny', when: { tols: ['x'] } }) },
      { ...people(), servers, ...rules({ name: 'r', effect: 'require', when: {} }) },
      { ...people(), servers, ...rules({ name: 'r', effect: 'deny', when: { arguments: [{ pointer: 'path', present: true }] } }) },
      { servers, auth: { keys: [{ name: 'a', key: 'short' }] } },
      'policy: {rules: [',
    ];
    for (const [index, config] of broken.entries()) {
      gateway.writeConfig(config);
      await eventually(`rejection ${index}`, async () => (await gateway.metric('mcp_gateway_config_reloads_total', { outcome: 'rejected' })) >= index + 1);
      assert.match(await outcome(session, 'delete_file'), /Unknown tool/, `file ${index}`);
      assert.equal(await outcome(session, 'read_file'), 'done');
      assert.equal((await fetch(url)).status, 401);
    }
    await gateway.process.line(/config\.rejected/);
    const status = await gateway.json('/status');
    assert.ok(status.config.lastError.problems.length > 0);
  });

  test('rights that are taken away are gone with the reload, also within a session and a stream', async (t) => {
    const upstream = await Upstream.start(
      t,
      withHandshake((exchange) => (exchange.request.method === 'GET' ? exchange.startEvents() : exchange.result({}))),
    );
    const servers = [{ name: 'files', url: upstream.url, requiredRoles: ['reader'] }];
    const http = { keepAliveInterval: '100ms' };
    const gateway = await startGateway(t, { config: { ...people(), http, servers } });
    gateway.identity = as(ADMIN);
    const session = await openAs(BOB, gateway.endpoint('files'));
    assert.equal((await session.request('ping')).status, 200);
    const stream = await fetch(session.url, { headers: { ...as(BOB), accept: 'text/event-stream', 'mcp-session-id': session.id! } });
    assert.equal(stream.status, 200);
    const ended = stream.text();
    gateway.writeConfig({ auth: { keys: [ADMIN, ALICE] }, http, servers });
    await eventually('the key is gone', async () => (await session.request('ping')).status === 401);
    await ended;
    gateway.writeConfig({ auth: { keys: [ADMIN, ALICE, { ...BOB, roles: [] }] }, http, servers });
    await eventually('the role is gone', async () => (await session.request('ping')).status === 404);
  });
});

describe('audit', () => {
  interface Record {
    seq: number;
    kind: string;
    user: string;
    action: string;
    adapter: string;
    item: string;
    answer: string;
    reason: string;
    request: string;
  }
  const read = (file: string): Record[] =>
    readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record);
  const verify = (file: string): Promise<{ code: number; text: string }> =>
    run(BINARY, ['audit', 'verify', file]).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, text: error.stdout + error.stderr }),
    );

  test('one record for each decision and each change, in a chain that shows every changed byte', async (t) => {
    const { gateway, url } = await filed(t, {
      audit: { output: 'file' },
      ...rules({ name: 'no-deleting', effect: 'deny', when: { tools: ['delete_*'] } }, { name: 'scoped', effect: 'require', scopes: ['s'], when: { tools: ['write_*'] } }),
      limits: [{ name: 'once', per: ['principal'], rate: '1/1h', when: { tools: ['plain'] } }],
    });
    const file = join(gateway.stateDir, 'audit.jsonl');
    let count = 0;
    /** The records that `what` makes, by the id of its request. */
    const made = async (id: string, what: (headers: HeaderMap) => Promise<unknown>, wanted = 1): Promise<string[]> => {
      await what({ 'x-request-id': id });
      const mine = await eventually(`${wanted} records of ${id}`, () => {
        const all = read(file).filter((record) => record.request === id);
        return all.length >= wanted && all;
      });
      count += mine.length;
      return mine.map(({ kind, user, action, adapter, item, answer, reason }) => [kind, user, action, adapter, item, answer, reason].join('|'));
    };
    const session = await openAs(BOB, url);
    const call = (name: string) => (headers: HeaderMap) => session.request('tools/call', { name, arguments: {} }, headers);
    assert.deepEqual(await made('allowed', call('read_file')), ['decision|key:bob|tools/call|files|read_file|allowed|']);
    assert.deepEqual(await made('denied', call('delete_file')), ['decision|key:bob|tools/call|files|delete_file|denied|no-deleting']);
    assert.deepEqual(await made('scopes', call('write_file')), ['decision|key:bob|tools/call|files|write_file|denied|scoped']);
    assert.deepEqual(await made('first', call('plain')), ['decision|key:bob|tools/call|files|plain|allowed|']);
    assert.deepEqual(await made('limited', call('plain')), ['decision|key:bob|tools/call|files|plain|limited|once']);
    assert.deepEqual(await made('list', (headers) => session.request('tools/list', undefined, headers)), ['decision|key:bob|tools/list|files||allowed|']);
    assert.deepEqual(await made('modern', (headers) => modernRequest(url, 'tools/call', { name: 'read_file', arguments: {} }, { ...as(ALICE), ...headers })), ['decision|key:alice|tools/call|files|read_file|allowed|']);
    const outsider = await made('outsider', (headers) => post(url, {}, { ...headers, 'x-api-key': 'a-wrong-key-0123456789' }));
    assert.match(outsider.join('\n'), /^decision\|\|POST \/adapters\/files\/mcp\|\|\|unauthenticated\|[^|\n]+$/);
    // The REST API: who asks was let in, and then what he asked for was decided or done.
    const status = await made('status', (headers) => gateway.api('GET', '/status', undefined, { ...headers, ...as(BOB) }), 2);
    assert.deepEqual(status, ['decision|key:bob|GET /status|||allowed|', 'decision|key:bob|GET /status|||denied|roles']);
    const created = await made('create', (headers) => gateway.api('POST', '/keys', { name: 'k' }, headers), 3);
    const anyKey = created.map((each) => each.replace(/\|[a-z0-9]{12}\|/, '|ID|'));
    assert.deepEqual(anyKey, ['decision|key:root|POST /keys|||allowed|', 'change|key:root|key.create||ID|allowed|', 'change|key:root|key.create||ID|done|']);
    await gateway.stop();

    const records = read(file);
    assert.deepEqual(records.map((record) => record.seq), records.map((_, index) => index + 1));
    assert.ok(records.length > count);
    const good = await verify(file);
    assert.equal(good.code, 0, good.text);
    const bytes = readFileSync(file);
    const text = bytes.toString('latin1');
    const places = [text.indexOf('key:bob') + 4, text.indexOf('"denied"') + 1, text.indexOf('"hash":"') + 9, text.length - 5, text.indexOf('"seq":3') + 6];
    for (const place of places) {
      const changed = Buffer.from(bytes);
      changed[place] = changed[place] === 0x31 ? 0x32 : 0x31;
      const forged = join(await temporaryDirectory(t), 'audit.jsonl');
      writeFileSync(forged, changed);
      const bad = await verify(forged);
      assert.equal(bad.code, 1, `byte ${place}: ${bad.text}`);
      assert.match(bad.text, /:\d+/);
    }
    const lines = text.trimEnd().split('\n');
    for (const without of [lines.slice(1), lines.filter((_, index) => index !== 3), [lines[1]!, lines[0]!, ...lines.slice(2)], [...lines, lines.at(-1)!]]) {
      const forged = join(await temporaryDirectory(t), 'audit.jsonl');
      writeFileSync(forged, Buffer.from(`${without.join('\n')}\n`, 'latin1'));
      const { code } = await verify(forged);
      if (without.length === lines.length - 1 && without[0] === lines[1]) continue; // Older files may have been removed.
      assert.equal(code, 1);
    }
  });

  test('a restart goes on with the chain', async (t) => {
    const upstream = await files(t);
    const stateDir = await temporaryDirectory(t);
    const config = { ...people(), audit: { output: 'file' }, servers: [{ name: 'files', url: upstream.url, requiredRoles: ['reader'] }] };
    for (let round = 0; round < 3; ++round) {
      const gateway = await startGateway(t, { config, stateDir });
      await openAs(BOB, gateway.endpoint('files'));
      await (round === 1 ? gateway.kill() : gateway.stop());
    }
    assert.equal((await verify(join(stateDir, 'audit.jsonl'))).code, 0);
  });

  test('what cannot be recorded does not happen', async (t) => {
    const upstream = await files(t);
    const config = { ...people(), audit: { output: 'file', path: '/dev/full' }, servers: [{ name: 'files', url: upstream.url, requiredRoles: ['reader'] }] };
    const started = await startGateway(t, { config }).then(
      (gateway) => gateway,
      (error: Error) => error,
    );
    // Not every device will do as a file of a trail; then the gateway says so and does not start.
    if (started instanceof Error) return assert.match(started.message, /audit/);
    await eventually('refusals', async () => (await post(started.endpoint('files'), { jsonrpc: '2.0', id: 1, method: 'ping' }, as(BOB))).status === 503);
  });

  test('a disk that is full refuses, and one that has room again serves', async (t) => {
    const upstream = await files(t);
    const stateDir = await temporaryDirectory(t);
    const config = { ...people(), audit: { output: 'file' }, servers: [{ name: 'files', url: upstream.url, requiredRoles: ['reader'] }] };
    // A bound on the size of files is a disk that is full, for a process that is told so by EFBIG.
    const gateway = await startGateway(t, { config, stateDir, args: [] });
    const file = join(stateDir, 'audit.jsonl');
    await openAs(BOB, gateway.endpoint('files'));
    await eventually('a record', () => read(file).length > 0);
    const limit = async (bytes: string): Promise<void> => void (await run('prlimit', ['--pid', String(gateway.process.pid), `--fsize=${bytes}:unlimited`]));
    await limit('1000');
    const before = upstream.exchanges.length;
    const ping = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'plain' } };
    await eventually('the trail fails', async () => {
      const answer = await post(gateway.endpoint('files'), ping, as(BOB));
      await answer.arrayBuffer();
      return answer.status === 503;
    });
    await gateway.process.line(/audit\.failed/);
    const during = upstream.exchanges.length;
    for (let i = 0; i < 5; ++i) assert.equal((await post(gateway.endpoint('files'), ping, as(BOB))).status, 503);
    assert.equal((await gateway.api('POST', '/keys', { name: 'k' }, as(ADMIN))).status, 503);
    assert.equal(upstream.exchanges.length, during, 'nothing reaches the server');
    assert.ok(during >= before);
    assert.equal((await gateway.api('GET', '/healthz')).status, 200, 'probes are answered');
    await limit('unlimited');
    await gateway.process.line(/audit\.resumed/);
    await eventually('service', async () => (await post(gateway.endpoint('files'), ping, as(BOB))).status === 200);
    await gateway.stop();
    assert.equal((await verify(file)).code, 0);
  });
});

describe('where clients are', () => {
  const rule = rules({ name: 'inside-only', effect: 'deny', when: { networks: ['203.0.113.0/24'], tools: ['plain'] } });

  test('a rule by network believes trusted proxies, and nobody else', async (t) => {
    const forged = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.7' };
    const wary = await openAs(BOB, (await filed(t, rule)).url);
    assert.ok((await wary.request('tools/call', { name: 'plain' }, forged)).messages[0]!.result);
    const trusting = await filed(t, { ...rule, audit: { output: 'file' }, http: { trustedProxies: ['127.0.0.0/8'] } });
    const session = await openAs(BOB, trusting.url);
    assert.ok((await session.request('tools/call', { name: 'plain' }, forged)).messages[0]!.error);
    assert.ok((await session.request('tools/call', { name: 'plain' }, { 'x-forwarded-for': '203.0.113.7, 192.0.2.1' })).messages[0]!.result, 'the last one that no trusted proxy added');
    assert.equal((await trusting.gateway.api('GET', '/status', undefined, { ...as(BOB), ...forged })).status, 403);
    await trusting.gateway.stop();
    const records = readFileSync(join(trusting.gateway.stateDir, 'audit.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, string>);
    const refused = records.filter((record) => record.answer === 'denied');
    assert.deepEqual(refused.map(({ action, client }) => [action, client]), [['tools/call', '203.0.113.7'], ['GET /status', '203.0.113.7']]);
  });
});

test('a rule by annotation counts for clients that never listed the tools', async (t) => {
  const url = await startEverything(t, 'sse');
  const sse = { name: 'old', url, transport: 'sse', requiredRoles: ['reader'] };
  const config = { ...people(), servers: [everythingServer({ requiredRoles: ['reader'] }), sse], ...rules({ name: 'r', effect: 'deny', when: { annotations: { readOnlyHint: false } } }) };
  const gateway = await startGateway(t, { config });
  gateway.identity = as(ADMIN);
  await gateway.ready('everything');
  const change = { name: 'toggle-simulated-logging', arguments: {} };
  const echo = { name: 'echo', arguments: { message: 'hello' } };
  const legacy = await connectV1(t, gateway.endpoint('everything'), { requestInit: { headers: as(BOB) } });
  await assert.rejects(legacy.callTool(change), /Unknown tool/);
  assert.match(firstText(await legacy.callTool(echo)), /hello/);
  for (const adapter of ['everything', 'old']) {
    const client = await connectSse(t, gateway.endpoint(adapter, 'sse'), as(BOB));
    await assert.rejects(client.callTool(change), adapter);
    await client.listTools();
    await assert.rejects(client.callTool(change), adapter);
    assert.match(firstText(await client.callTool(echo)), /hello/, adapter);
  }
});

test('a stream ends when the token of its reader does', async (t) => {
  const issuer = await Issuer.start(t);
  const upstream = await Upstream.start(
    t,
    withHandshake((exchange) => (exchange.request.method === 'GET' ? exchange.startEvents() : exchange.result({}))),
  );
  const auth = { issuers: [{ issuer: issuer.url, clockSkew: '0s' }] };
  const gateway = await startGateway(t, { config: { auth, servers: [{ name: 'files', url: upstream.url, requiredRoles: ['reader'] }] } });
  const url = gateway.endpoint('files');
  const open = async (session: Session): Promise<ReadableStreamDefaultReader<Uint8Array>> => {
    const response = await fetch(url, { headers: { ...session.headers, accept: 'text/event-stream' } });
    assert.equal(response.status, 200);
    return response.body!.getReader();
  };
  const ended = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<boolean> => {
    for (;;) if ((await reader.read()).done) return true;
  };
  const token = await issuer.mint({ aud: url.href, roles: ['reader'], exp: Math.floor(Date.now() / 1000) + 3 });
  const short = await open(await Session.open(url, { authorization: `Bearer ${token}` }));
  assert.equal(await within(10_000, 'the end of the stream of an expired token', ended(short)), true);
});
