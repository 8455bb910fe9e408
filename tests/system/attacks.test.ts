// What somebody tries who wants more than he may have. One test for each attack.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ADMIN, ALICE, as, BOB, openAs, people, person } from './harness/access.ts';
import { connectSse } from './harness/clients.ts';
import { everythingServer, startGateway, type Config, type Gateway, type GatewayOptions } from './harness/gateway.ts';
import { Issuer } from './harness/issuer.ts';
import type { Scope } from './harness/scope.ts';
import { Upstream, withHandshake } from './harness/upstream.ts';
import { within } from './harness/wait.ts';
import {
  modernRequest,
  post,
  RawConnection,
  rawRequest,
  readReply,
  serverEvents,
  Session,
  type HeaderMap,

} from './harness/wire.ts';

/** A server that says `done` to everything. */
const willing = (scope: Scope): Promise<Upstream> =>
  Upstream.start(
    scope,
    withHandshake((exchange) => {
      if (exchange.request.method === 'GET') return exchange.json({}, 405);
      if (exchange.message.method === 'tools/list') {
        const names = ['read_file', 'delete_file'];
        return exchange.result({ tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })) });
      }
      return exchange.result({ content: [{ type: 'text', text: 'done' }] });
    }),
  );

/** A gateway with the server `remote`, which has the role `reader`. */
async function guarded(scope: Scope, more: Config = {}, options: GatewayOptions = {}): Promise<{ gateway: Gateway; upstream: Upstream }> {
  const upstream = await willing(scope);
  const gateway = await startGateway(scope, {
    ...options,
    config: { ...people(), servers: [{ name: 'remote', federated: false, url: upstream.url, requiredRoles: ['reader'] }], ...more },
  });
  gateway.identity = as(ADMIN);
  return { gateway, upstream };
}

/** Everything of an answer that its reader can see, without what differs from answer to answer. */
async function visible(response: Response): Promise<object> {
  const headers = Object.fromEntries(response.headers);
  delete headers.date;
  delete headers['x-request-id'];
  return { status: response.status, headers, text: await response.text() };
}

const ping = { jsonrpc: '2.0', id: 7, method: 'ping' };
const deleteFile = { jsonrpc: '2.0', id: 8, method: 'tools/call', params: { name: 'delete_file', arguments: {} } };

/** A rule that lets nobody but administrators delete. */
const NO_DELETING = { policy: { rules: [{ name: 'no-deleting', effect: 'deny', when: { tools: ['delete_*'], roles: ['reader'] } }] } };

test('session hijacking: the session of somebody else is one that was never there', async (t) => {
  const { gateway, upstream } = await guarded(t, {});
  const url = gateway.endpoint('remote');
  const session = await openAs(ALICE, url);
  const before = upstream.exchanges.length;
  const unknown = Session.resume(url, session.id.replace(/^.{8}/, 'AAAAAAAA'), as(BOB));
  const hijacked = Session.resume(url, session.id, as(BOB));
  for (const method of ['POST', 'GET', 'DELETE']) {
    const ask = async ({ headers }: Session): Promise<object> =>
      visible(
        await fetch(url, {
          method,
          headers: { ...headers, accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
          ...(method === 'POST' && { body: JSON.stringify(ping) }),
        }),
      );
    const answer = (await ask(hijacked)) as { status: number };
    assert.equal(answer.status, 404, method);
    assert.deepEqual(answer, await ask(unknown), method);
  }
  const nobody = await fetch(url, { headers: { 'mcp-session-id': session.id, accept: 'text/event-stream' } });
  assert.equal(nobody.status, 401, 'a session id is no identity');
  assert.equal(upstream.exchanges.length, before);
  assert.equal((await session.request('ping')).status, 200, 'it still is whose it was');
});

test('session hijacking with a stdio server and with HTTP+SSE', async (t) => {
  const { gateway } = await guarded(t, { servers: [everythingServer({ requiredRoles: ['reader'] })] });
  await gateway.ready('everything');
  const url = gateway.endpoint('everything');
  const session = await openAs(ALICE, url);
  assert.equal((await Session.resume(url, session.id, as(BOB)).request('ping')).status, 404);
  assert.equal(await Session.resume(url, session.id, as(BOB)).end(), 404);
  assert.equal((await session.request('ping')).status, 200);

  const leave = new AbortController();
  t.after(() => leave.abort());
  const stream = await fetch(gateway.endpoint('everything', 'sse'), { headers: { ...as(ALICE), accept: 'text/event-stream' }, signal: leave.signal });
  const { value } = await within(5_000, 'the endpoint event', serverEvents(stream.body!).next());
  const messages = new URL(value!.data, gateway.url);
  const madeUp = new URL(messages);
  madeUp.searchParams.set('session_id', messages.searchParams.get('session_id')!.replace(/^.{8}/, 'AAAAAAAA'));
  const hijacked = await visible(await post(messages, ping, as(BOB)));
  assert.equal((hijacked as { status: number }).status, 404);
  assert.deepEqual(hijacked, await visible(await post(madeUp, ping, as(BOB))));
  assert.equal((await post(messages, ping, as(ALICE))).status, 202);
});

test('event injection: what one sends, others do not receive', async (t) => {
  const { gateway } = await guarded(t, { servers: [everythingServer({ requiredRoles: ['reader'], session: 'shared' })] });
  await gateway.ready('everything');
  const seen: string[] = [];
  const client = await connectSse(t, gateway.endpoint('everything', 'sse'), as(ALICE));
  client.fallbackNotificationHandler = async (notification) => void seen.push(JSON.stringify(notification));
  const other = await openAs(BOB, gateway.endpoint('everything'));
  const reply = await other.request('tools/call', { name: 'echo', arguments: { message: 'for bob only' }, _meta: { progressToken: 1 } });
  assert.match(reply.text, /for bob only/);
  await client.ping();
  assert.deepEqual(seen.filter((each) => each.includes('bob')), []);
});

test('forged session ids: every alteration gives the answer of an unknown one', async (t) => {
  const { gateway, upstream } = await guarded(t);
  const url = gateway.endpoint('remote');
  const { id } = await openAs(ALICE, url);
  const elsewhere = await guarded(t);
  const foreign = await openAs(ALICE, elsewhere.gateway.endpoint('remote'));
  const before = upstream.exchanges.length;
  const flipped = Array.from(id, (letter, at) => id.slice(0, at) + (letter === 'A' ? 'B' : 'A') + id.slice(at + 1));
  const forged = [...flipped, id.slice(0, -1), id.slice(1), `${id}A`, `${id}${id}`, id.toLowerCase(), 'x', 'upstream-session', foreign.id];
  const answers = new Set<string>();
  for (const each of forged.filter((one) => one !== id)) {
    answers.add(JSON.stringify(await visible(await post(url, ping, { ...as(ALICE), 'mcp-session-id': each }))));
  }
  assert.equal(answers.size, 1, [...answers].join('\n'));
  assert.match([...answers][0]!, /"status":404/);
  assert.equal(upstream.exchanges.length, before);
});

test('DNS rebinding: a page of a stranger gets nothing, also with the credentials of its visitor', async (t) => {
  const { gateway, upstream } = await guarded(t);
  for (const path of ['/adapters/remote/mcp', '/adapters', '/whoami', '/status']) {
    for (const wrong of [['Host: evil.example'], [`Host: 127.0.0.1:${gateway.port}`, 'Origin: http://evil.example']]) {
      const { statuses, text } = await rawRequest(t, gateway.port, [`GET ${path} HTTP/1.1`, ...wrong, `X-Api-Key: ${ALICE.key}`]);
      assert.deepEqual(statuses, [403], `${path} ${wrong.join()}`);
      assert.doesNotMatch(text, /alice|access-control-allow-origin/i);
    }
  }
  assert.equal(upstream.exchanges.length, 0);
});

test('a Host field does not decide where clients look for authorization servers', async (t) => {
  const issuer = await Issuer.start(t);
  const { gateway } = await guarded(t, {
    publicOrigin: 'https://gateway.example',
    http: { allowedHosts: ['*'] },
    auth: { issuers: [{ issuer: issuer.url }] },
  });
  const lies = ['Host: evil.example', 'X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: http', 'Forwarded: host=evil.example'];
  const refused = await rawRequest(t, gateway.port, ['GET /adapters/remote/mcp HTTP/1.1', ...lies, 'Accept: text/event-stream']);
  assert.match(refused.text, /resource_metadata="https:\/\/gateway\.example\/\.well-known\/oauth-protected-resource\/adapters\/remote\/mcp"/);
  const metadata = await rawRequest(t, gateway.port, ['GET /.well-known/oauth-protected-resource/adapters/remote/mcp HTTP/1.1', ...lies]);
  assert.match(metadata.text, /"resource":"https:\/\/gateway\.example\/adapters\/remote\/mcp"/);
  assert.doesNotMatch(refused.text + metadata.text, /evil/);
  // A token for the lie is a token for somebody else.
  const token = await issuer.mint({ aud: 'http://evil.example/adapters/remote/mcp', roles: ['reader'] });
  const tried = await rawRequest(t, gateway.port, ['GET /adapters/remote/mcp HTTP/1.1', ...lies, `Authorization: Bearer ${token}`]);
  assert.deepEqual(tried.statuses, [401]);
});

test('confused deputy: the gateway gives no tokens and asks for none in the name of its clients', async (t) => {
  const { gateway } = await guarded(t);
  for (const path of ['/authorize', '/token', '/register', '/oauth/token', '/callback', '/login']) {
    for (const method of ['GET', 'POST']) assert.equal((await gateway.api(method, `${path}?client_id=x&redirect_uri=http://evil.example`)).status, 404, path);
  }
  for (const path of ['oauth-authorization-server', 'openid-configuration', 'oauth-authorization-server/adapters/remote/mcp']) {
    assert.equal((await fetch(new URL(`/.well-known/${path}`, gateway.url))).status, 404, path);
  }
});

test('token passthrough: what a client shows to the gateway stays there, in both eras', async (t) => {
  const issuer = await Issuer.start(t);
  const annotated = { policy: { rules: [{ name: 'r', effect: 'deny', when: { annotations: { destructiveHint: true }, tools: ['other'] } }] } };
  for (const policy of [{}, annotated]) {
    const { gateway, upstream } = await guarded(t, { auth: { issuers: [{ issuer: issuer.url }], keys: [ALICE] }, ...policy });
    const url = gateway.endpoint('remote');
    const token = await issuer.mint({ aud: url.href, roles: ['reader'] });
    const secrets = { authorization: `Bearer ${token}`, cookie: 'login=cookie-secret', dpop: 'dpop-secret', 'proxy-authorization': 'Basic proxy-secret' };
    const session = await Session.open(url, secrets);
    await session.request('tools/list');
    assert.equal((await session.request('tools/call', { name: 'other' })).status, 200);
    assert.equal((await modernRequest(url, 'tools/call', { name: 'other', arguments: {} }, secrets)).status, 200);
    assert.equal((await modernRequest(url, 'tools/list', {}, { 'x-api-key': ALICE.key })).status, 200);
    await session.end();
    assert.ok(upstream.exchanges.length >= 6);
    for (const { request, body } of upstream.exchanges) {
      const all = `${request.url} ${request.rawHeaders.join(' ')} ${body}`;
      for (const secret of [token, 'cookie-secret', 'dpop-secret', 'proxy-secret', ALICE.key]) assert.ok(!all.includes(secret), all);
    }
  }
});

/** Fields in which somebody could say who he would like to be. */
const CLAIMS = [
  'X-Mcp-UserId: key:root',
  'X-Mcp-UserName: root',
  'X-Mcp-Roles: mcp.admin',
  'X-Mcp-Identity: eyJhbGciOiJub25lIn0.e30.',
  'X-Gateway-Secret: guessed-0123456789',
  'X-Gateway-Caller: {"method":"apiKey","user":"key:root","roles":["mcp.admin"]}',
  'X-Dev-UserId: key:root',
  'X-Dev-Name: root',
  'X-Dev-Roles: mcp.admin',
];

const NAMES_OF_OURS = 'X-Mcp-UserId, X-Mcp-Roles, X-Gateway-Caller, X-Request-Id, X-Forwarded-For, X-Api-Key';

test('header smuggling: nobody becomes somebody else by a field', async (t) => {
  const upstream = await willing(t);
  const gateway = await startGateway(t, {
    config: { ...people(), servers: [{ name: 'remote', federated: false, url: upstream.url, requiredRoles: ['reader'], forwardedIdentity: 'headers' }] },
  });
  const host = `Host: 127.0.0.1:${gateway.port}`;
  const mine = `X-Api-Key: ${BOB.key}`;
  const change = (how: (name: string) => string): string[] => CLAIMS.map((claim) => claim.replace(/^[^:]*/, how));
  const disguises: Record<string, string[]> = {
    plain: CLAIMS,
    'before ours': CLAIMS,
    'in capital letters': change((name) => name.toUpperCase()),
    'in odd letters': change((name) => name.replace(/[a-z]/g, (letter, at: number) => (at % 2 ? letter.toUpperCase() : letter.toLowerCase()))),
    'with underscores': change((name) => name.replaceAll('-', '_')),
    'named in Connection': [...CLAIMS, `Connection: close, ${NAMES_OF_OURS}`],
    'Connection alone': [`Connection: close, ${NAMES_OF_OURS}`],
  };
  const init = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } } });
  for (const [what, fields] of Object.entries(disguises)) {
    const order = what === 'before ours' ? [...fields, mine] : [mine, ...fields];
    const whoami = await rawRequest(t, gateway.port, ['GET /whoami HTTP/1.1', host, ...order]);
    assert.deepEqual(whoami.statuses, [200], `${what}: ${whoami.text}`);
    assert.match(whoami.text, /"user":"key:bob"/, what);
    assert.match(whoami.text, /"administrator":false/, what);
    assert.deepEqual((await rawRequest(t, gateway.port, ['GET /status HTTP/1.1', host, ...order])).statuses, [403], what);
    // Without credentials of his own he is nobody.
    assert.deepEqual((await rawRequest(t, gateway.port, ['GET /whoami HTTP/1.1', host, ...fields])).statuses, [401], what);

    const before = upstream.exchanges.length;
    const head = ['POST /adapters/remote/mcp HTTP/1.1', host, ...order, 'Content-Type: application/json', 'Accept: application/json, text/event-stream'];
    assert.deepEqual((await rawRequest(t, gateway.port, [...head, `Content-Length: ${init.length}`], init)).statuses, [200], what);
    // Fields at the end of a chunked body are fields, too.
    const chunk = `${init.length.toString(16)}\r\n${init}\r\n0\r\n${fields.filter((field) => !/^connection/i.test(field)).join('\r\n')}\r\n\r\n`.replace('\r\n\r\n\r\n', '\r\n\r\n');
    assert.deepEqual((await rawRequest(t, gateway.port, [...head, 'Transfer-Encoding: chunked'], chunk)).statuses, [200], `${what}: trailers`);
    for (const { request } of upstream.exchanges.slice(before)) {
      const told = [...pairs(request.rawHeaders), ...pairs(request.rawTrailers)].map(([name, value]) => [name.toLowerCase().replaceAll('_', '-'), value]);
      const about = (name: string): string[] => told.filter(([key]) => key === name).map(([, value]) => value!);
      assert.deepEqual(about('x-mcp-userid'), ['key:bob'], what);
      assert.deepEqual(about('x-mcp-roles'), ['reader'], what);
      assert.deepEqual(about('x-mcp-username'), ['bob'], what);
      for (const none of ['x-mcp-identity', 'x-gateway-secret', 'x-gateway-caller', 'x-dev-userid', 'x-dev-name', 'x-dev-roles', 'x-api-key']) {
        assert.deepEqual(about(none), [], `${what}: ${none}`);
      }
    }
  }
  // Lines that other readers would take for a field of their own.
  for (const trick of [`X-A: b\r\n ${CLAIMS[5]}`, `X-A: b\r\n\t${CLAIMS[0]}`, `${CLAIMS[0]!.replace(':', ' :')}`, `X-A: b\n${CLAIMS[0]}`, `X-A: b\r${CLAIMS[0]}`, `X-A: b\0${CLAIMS[0]}`, `\r\n${CLAIMS[0]}`]) {
    const answer = await rawRequest(t, gateway.port, ['GET /whoami HTTP/1.1', host, mine, trick]);
    if (trick.startsWith('\r\n')) assert.match(answer.text, /"user":"key:bob"/, 'it belongs to the body');
    else assert.equal(answer.statuses[0], 400, JSON.stringify(trick));
  }
});

function pairs(raw: string[]): [string, string][] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1]!] as [string, string]] : []));
}

test('header smuggling: evidence that is there twice is no evidence', async (t) => {
  const SECRET = 'between-gateways-0123456789';
  const gateway = await startGateway(t, { config: { auth: { keys: [ADMIN, BOB], trustedHeader: { secret: SECRET } } } });
  const host = `Host: 127.0.0.1:${gateway.port}`;
  const ask = (...fields: string[]) => rawRequest(t, gateway.port, ['GET /whoami HTTP/1.1', host, ...fields]);
  assert.match((await ask(`X-Gateway-Secret: ${SECRET}`, 'X-Mcp-UserId: dave')).text, /"user":"dave"/);
  for (const fields of [
    [`X-Gateway-Secret: ${SECRET}`, 'X-Mcp-UserId: dave', 'X-Mcp-UserId: key:root'],
    [`X-Gateway-Secret: ${SECRET}`, 'X-Mcp-UserId: dave', 'x-mcp-userid: erin'],
    [`X-Gateway-Secret: ${SECRET}`, 'X-Mcp-UserId: dave', 'X-Mcp-Roles: a', 'X-Mcp-Roles: mcp.admin'],
    ['X-Gateway-Secret: wrong', `X-Gateway-Secret: ${SECRET}`, 'X-Mcp-UserId: dave'],
    [`X-Api-Key: ${BOB.key}`, ...CLAIMS, ...CLAIMS],
    [`X-Api-Key: ${BOB.key}`, `X-Api-Key: ${ADMIN.key}`],
    [`Authorization: Bearer ${BOB.key}`, `Authorization: Bearer ${ADMIN.key}`],
  ]) {
    const answer = await ask(...fields);
    assert.deepEqual(answer.statuses, [401], `${fields.join()}\n${answer.text}`);
  }
  assert.equal((await ask(`X-Gateway-Secret: ${SECRET}`, 'X-Mcp-UserId: key:root')).statuses[0], 401, 'an id that only the gateway gives');
});

test('path tricks: another spelling of a path is no way around its rules', async (t) => {
  const closed = await willing(t);
  const open = await willing(t);
  const gateway = await startGateway(t, {
    config: { ...people(), servers: [{ name: 'open', federated: false, url: open.url, requiredRoles: ['reader'] }, { name: 'closed', federated: false, url: closed.url, requiredRoles: ['writer'] }] },
  });
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} });
  const ask = (target: string, method = 'POST') =>
    rawRequest(
      t,
      gateway.port,
      [`${method} ${target} HTTP/1.1`, `Host: 127.0.0.1:${gateway.port}`, `X-Api-Key: ${BOB.key}`, 'Content-Type: application/json', 'Accept: application/json, text/event-stream', `Content-Length: ${body.length}`],
      body,
    );
  const spellings = [
    '/adapters/closed/mcp', '/adapters/open/../closed/mcp', '/adapters/open/%2e%2e/closed/mcp', '/adapters/open%2f..%2fclosed/mcp', '/adapters/open/mcp/../../closed/mcp',
    '/adapters/%63losed/mcp', '/adapters/CLOSED/mcp', '/Adapters/closed/mcp', '/adapters/closed%00/mcp', '/adapters/closed%00open/mcp', '/adapters/closed\0/mcp', '/adapters/closed%0d%0a/mcp',
    '//adapters/closed/mcp', '/adapters//closed/mcp', '/adapters/./closed/mcp', '/adapters/closed/./mcp', '/adapters/closed//mcp', '/adapters/closed/mcp/', '/adapters/closed/mcp/open', '/adapters/closed/mc%70',
    '/adapters/closed;a=open/mcp', '/adapters\\closed\\mcp', '/adapters/closed\\mcp', '/adapters/closed/mcp%3f', '/adapters/closed /mcp', '/adapters/closed%20/mcp', '/adapters/closed./mcp', '/adapters/\uff43losed/mcp',
    `http://127.0.0.1:${gateway.port}/adapters/closed/mcp`, `http://127.0.0.1:${gateway.port}/adapters/open/../closed/mcp`, '/adapters/%252e%252e/closed/mcp', '*', 'adapters/closed/mcp', '/adapters/closed/sse', '/adapters/closed/messages?session_id=x',
  ];
  for (const target of spellings) {
    const { statuses, text } = await ask(target);
    assert.ok([400, 403, 404, 405, 505].includes(statuses[0]!), `${JSON.stringify(target)}: ${text}`);
  }
  // The REST API decodes names, and decides about what it decoded.
  for (const target of ['/adapters/%63losed', '/adapters/closed', '/adapters/open/../closed', '/adapters/closed%00', '/adapters/%63losed/status', '/adapters/./closed', '/adapters/%2563losed']) {
    const { statuses } = await ask(target, 'GET');
    assert.ok([400, 404].includes(statuses[0]!), target);
  }
  assert.equal(closed.exchanges.length, 0);
  assert.equal(open.exchanges.length, 0);
  assert.deepEqual((await ask('/adapters/open/mcp')).statuses, [200], 'the right spelling works');
});

test('path tricks: a token for one resource is none for a path that only looks like it', async (t) => {
  const issuer = await Issuer.start(t);
  const { gateway, upstream } = await guarded(t, { auth: { issuers: [{ issuer: issuer.url }] } });
  const token = await issuer.mint({ aud: gateway.endpoint('remote').href, roles: ['reader', 'mcp.admin'] });
  for (const target of ['/adapters/remote/mcp/../../../status', '/adapters/remote/mcp/../status', '/status', '/adapters', '/adapters/remote', '/adapters/Remote/mcp', '/keys', '/adapters/remote%2fmcp']) {
    const { statuses } = await rawRequest(t, gateway.port, [`GET ${target} HTTP/1.1`, `Host: 127.0.0.1:${gateway.port}`, `Authorization: Bearer ${token}`]);
    assert.deepEqual(statuses, [401], target);
  }
  assert.equal(upstream.exchanges.length, 0);
});

test('names of tools: no spelling of a denied one reaches the server', async (t) => {
  const { gateway, upstream } = await guarded(t, NO_DELETING);
  const session = await openAs(BOB, gateway.endpoint('remote'));
  const call = (params: string): Promise<Response> => post(session.url, `{"jsonrpc":"2.0","id":5,"method":"tools/call","params":${params}}`, session.headers);
  const tricks = [
    '{"name":"delete_file"}', '{"name":"delete\\u005ffile"}', '{"n\\u0061me":"delete_file"}', '{"name":"read_file","name":"delete_file"}', '{"name":"delete_file","name":"read_file"}', '{"name":"read_file","n\\u0061me":"delete_file"}',
    '{"Name":"delete_file","name":"read_file"}', '{"name":["delete_file"]}', '{"name":{"a":"delete_file"}}', '{"name":null,"Name":"delete_file"}', '{}', '{"name":"delete_\\u0000file"}', '{"name":"delete_file\\n"}',
  ];
  for (const params of tricks) {
    const text = await (await call(params)).text();
    assert.match(text, /"error"/, params);
  }
  const twice = `{"jsonrpc":"2.0","id":5,"method":"ping","method":"tools/call","params":{"name":"delete_file"},"params":{"name":"read_file"}}`;
  assert.match(await (await post(session.url, twice, session.headers)).text(), /"error"/);
  const batch = `[${JSON.stringify(ping)},${JSON.stringify(deleteFile)}]`;
  assert.match(await (await post(session.url, batch, session.headers)).text(), /"error"/);
  for (const headers of [{ 'content-type': 'application/json; charset=utf-16' }, { 'content-encoding': 'gzip' }] as HeaderMap[]) {
    assert.equal((await post(session.url, deleteFile, { ...session.headers, ...headers })).status, 415);
  }
  assert.equal(upstream.calls('tools/call').length, 0);
  assert.equal((await call('{"name":"read_file"}')).status, 200);
  assert.equal(upstream.calls('tools/call').length, 1);
});

/** Hosts that lead to this machine or to the metadata of a cloud, however they are written. */
const INTERNAL_HOSTS = [
  '169.254.169.254', '169.254.170.2', '169.254.43518', '2852039166', '0xA9FEA9FE', '0xa9.0xfe.0xa9.0xfe', '0251.0376.0251.0376', '0251.254.43518', '025177524776', '[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]', '[0:0:0:0:0:ffff:a9fe:a9fe]',
  '[64:ff9b::169.254.169.254]', '[2002:a9fe:a9fe::]', '[fe80::1]', '[fd00:ec2::254]', '100.100.100.200', '168.63.129.16', '127.0.0.1', '127.1', '0', '0.0.0.0', '0x7f.1', '017700000001', '2130706433', '[::1]', '[::]', '[::127.0.0.1]', '[::ffff:127.0.0.1]', '10.0.0.1', '192.168.1.1', '172.16.0.1',
];

test('SSRF: adapters lead to no internal address, however it is written', async (t) => {
  const { gateway } = await guarded(t);
  const url = (host: string): string => `http://${host}/latest/meta-data`;
  for (const host of INTERNAL_HOSTS) {
    for (const who of [BOB, ADMIN]) {
      const made = await gateway.api('POST', '/adapters', { name: 'inner', url: url(host) }, as(who));
      assert.equal(made.status, 400, `${host} by ${who.name}: ${await made.text()}`);
    }
  }
  for (const odd of ['http://example.com@169.254.169.254/', 'http://169.254.169.254#@example.com/', 'http://169.254.169.254%2f@example.com/', 'http://\u2460\u2461\u2466.0.0.1/', 'http://127.0.0.1%00.example.com/', 'http://169.254.169.254./', 'gopher://127.0.0.1/', 'file:///etc/passwd', 'http:169.254.169.254', '//169.254.169.254/', 'http:///127.0.0.1/']) {
    assert.equal((await gateway.api('POST', '/adapters', { name: 'inner', url: odd }, as(BOB))).status, 400, odd);
  }
  assert.equal((await gateway.api('POST', '/adapters', { name: 'outer', url: 'https://mcp.example.com/mcp' }, as(BOB))).status, 201, 'a public one is accepted');
  assert.equal((await gateway.api('PUT', '/adapters/outer', { name: 'outer', url: url('169.254.169.254') }, as(BOB))).status, 400);
});

test('SSRF: a name that leads to this machine is found out when it is used', async (t) => {
  const { gateway, upstream } = await guarded(t);
  const port = new URL(upstream.url).port;
  for (const [index, host] of ['localhost', 'LOCALHOST', 'localhost.', 'ip6-localhost'].entries()) {
    const name = `inner-${index}`;
    const made = await gateway.api('POST', '/adapters', { name, federated: false, url: `http://${host}:${port}/mcp` }, as(BOB));
    assert.ok([201, 400].includes(made.status), host);
    const answer = await readReply(await post(gateway.endpoint(name), ping, as(BOB)));
    assert.ok([404, 502, 503].includes(answer.status), `${host}: ${answer.status} ${answer.text}`);
  }
  assert.equal(upstream.exchanges.length, 0);
  await gateway.process.line(/upstream\.address_denied/);
  // The same server in the file of the operator is no attack, and neither is what he allows.
  assert.equal((await openAs(BOB, gateway.endpoint('remote'))).url.href, gateway.endpoint('remote').href);
  const lenient = await guarded(t, { egress: { allow: ['127.0.0.1/32', '::1/128'] } });
  const inner = `http://localhost:${new URL(lenient.upstream.url).port}/mcp`;
  assert.equal((await lenient.gateway.api('POST', '/adapters', { name: 'inner', federated: false, url: inner }, as(BOB))).status, 201);
  assert.equal((await openAs(BOB, lenient.gateway.endpoint('inner'))).url.href, lenient.gateway.endpoint('inner').href);
});

test('SSRF: redirects are not followed, neither of servers nor of issuers', async (t) => {
  const inner = await willing(t);
  for (const status of [301, 302, 303, 307, 308]) {
    const redirecting = await Upstream.start(t, ({ response }) => response.writeHead(status, { location: inner.url }).end());
    const { gateway } = await guarded(t, { servers: [{ name: 'remote', federated: false, url: redirecting.url, requiredRoles: ['reader'] }] });
    const answer = await fetch(gateway.endpoint('remote'), {
      method: 'POST',
      redirect: 'manual',
      headers: { ...as(BOB), 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify(ping),
    });
    assert.ok(answer.status === status || answer.status === 502, String(answer.status));
    assert.equal(redirecting.exchanges.length, 1);
  }
  const issuer = await Issuer.start(t);
  issuer.outage = (_request, response) => void response.writeHead(302, { location: `${inner.url}/jwks` }).end();
  const { gateway } = await guarded(t, { auth: { issuers: [{ issuer: issuer.url }], keys: [ADMIN] } });
  await gateway.process.line(/auth\.keys_unavailable/);
  const token = await issuer.mint({ aud: gateway.endpoint('remote').href, roles: ['reader'] });
  assert.equal((await post(gateway.endpoint('remote'), ping, { authorization: `Bearer ${token}` })).status, 503);
  assert.equal(inner.exchanges.length, 0);
});

test('SSRF: an HTTP+SSE server sends nobody to another origin', async (t) => {
  const elsewhere = await Upstream.start(t, (exchange) => exchange.json({}, 202));
  const host = new URL(elsewhere.url).host;
  const lures = [`${elsewhere.url}?s=1`, `//${host}/x?s=1`, `http://user@${host}/x?s=1`, `\\\\${host}\\x`, `/\\${host}/x`, 'http://169.254.169.254/latest/', 'https://127.0.0.1/x', 'file:///etc/passwd', 'javascript:alert(1)', `/messages\r\nX-A: b`, `http:${host}/x`];
  for (const lure of lures) {
    const old = await Upstream.start(t, (exchange) => {
      if (exchange.request.method === 'POST') return exchange.json({}, 202);
      exchange.startEvents();
      exchange.event(lure, 'endpoint');
    });
    const { gateway } = await guarded(t, { servers: [{ name: 'old', federated: false, url: old.url, transport: 'sse', requiredRoles: ['reader'] }] });
    const leave = new AbortController();
    const stream = await fetch(gateway.endpoint('old', 'sse'), { headers: { ...as(BOB), accept: 'text/event-stream' }, signal: leave.signal });
    const first = stream.body === null ? undefined : await within(5_000, `what becomes of ${lure}`, serverEvents(stream.body).next()).catch(() => undefined);
    const told = first?.value as { event: string; data: string } | undefined;
    if (told?.event === 'endpoint') {
      // Where it was understood as a path of the server itself, messages go there and nowhere else.
      const address = new URL(told.data, gateway.url);
      assert.equal(address.origin, new URL(gateway.url).origin, lure);
      await (await post(address, ping, as(BOB))).arrayBuffer();
      assert.equal(old.exchanges.length, 2, lure);
    }
    leave.abort();
  }
  assert.equal(elsewhere.exchanges.length, 0);
});

test('whoever may make adapters gets no more of the gateway than that', async (t) => {
  const { gateway, upstream } = await guarded(t, { egress: { allowPrivate: true } }, { env: { GATEWAY_SECRET: 'of-the-operator' } });
  const keys = join(gateway.stateDir, 'keys/session.keys');
  const powers: [string, object][] = [
    ['command', { command: 'touch', args: [join(gateway.stateDir, 'touched')] }],
    ['headers', { url: upstream.url, headers: { 'x-loot': '${env:GATEWAY_SECRET}' } }],
    ['headers', { url: upstream.url, headers: { 'x-loot': `\${file:${keys}}` } }],
    ['headers', { url: upstream.url, headers: { 'x-loot': '${secret:token}' } }],
    ['caFile', { url: upstream.url, caFile: keys }],
  ];
  assert.equal((await gateway.api('POST', '/adapters', { name: 'mine', url: upstream.url }, as(BOB))).status, 201);
  for (const [field, power] of powers) {
    for (const [method, path, name] of [['POST', '/adapters', 'new'], ['PUT', '/adapters/mine', 'mine']] as const) {
      const answer = await gateway.api(method, path, { name, ...power }, as(BOB));
      assert.equal(answer.status, 403, `${method} ${JSON.stringify(power)}`);
      assert.deepEqual(((await answer.json()) as { errors: { field: string }[] }).errors.map((each) => each.field), [field]);
    }
  }
  await openAs(BOB, gateway.endpoint('mine'));
  assert.ok(upstream.exchanges.every(({ request }) => request.headers['x-loot'] === undefined));
  assert.ok(!readdirSync(gateway.stateDir).includes('touched'));
  assert.equal((await gateway.api('POST', '/adapters', { name: 'loud', url: upstream.url, headers: { 'x-loot': '${env:GATEWAY_SECRET}' } })).status, 201, 'administrators may');
});

test('SSRF: an issuer cannot send the gateway to an internal address for its keys', async (t) => {
  const issuer = await Issuer.start(t);
  for (const jwks_uri of ['http://169.254.169.254/latest/meta-data', 'file:///etc/passwd', 'http://mcp.example.com/jwks', 'gopher://127.0.0.1/']) {
    issuer.outage = (_request, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ issuer: issuer.url, jwks_uri }));
    const { gateway } = await guarded(t, { auth: { issuers: [{ issuer: issuer.url }], keys: [ADMIN] } });
    const [line] = await gateway.process.line(/^.*auth\.keys_unavailable.*$/);
    assert.match(line, /https:|http or https|URL/i, `${jwks_uri}: ${line}`);
  }
});

test('oversize: heads, bodies and messages that are too large are refused while they come', async (t) => {
  const { gateway, upstream } = await guarded(t, {
    ...NO_DELETING,
    http: { maxHeaderBytes: 8192, maxBodyBytes: 65536 },
  });
  const head = ['POST /adapters/remote/mcp HTTP/1.1', `Host: 127.0.0.1:${gateway.port}`, `X-Api-Key: ${BOB.key}`, 'Content-Type: application/json', 'Accept: application/json, text/event-stream'];
  const status = async (fields: string[], body = ''): Promise<number | undefined> => (await rawRequest(t, gateway.port, fields, body)).statuses[0];
  assert.equal(await status([...head, `X-A: ${'a'.repeat(9000)}`]), 431);
  assert.equal(await status([...head, ...Array.from({ length: 3000 }, (_, i) => `X-${i}: a`)]), 431);
  assert.equal(await status([`GET /${'a'.repeat(9000)} HTTP/1.1`, ...head.slice(1)]), 431);
  assert.equal(await status([...head, 'Content-Length: 70000']), 413, 'before the body is there');
  assert.equal(await status([...head, 'Content-Length: 99999999999999999999']), 400);
  const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
  assert.equal(await status([...head, 'Transfer-Encoding: chunked'], `${chunk.repeat(5)}0\r\n\r\n`), 413);
  // Who is nobody is not listened to.
  const nobody = new RawConnection(t, gateway.port);
  nobody.write(['POST /adapters/remote/mcp HTTP/1.1', `Host: 127.0.0.1:${gateway.port}`, 'Content-Type: application/json', 'Content-Length: 60000', '', ''].join('\r\n'));
  assert.deepEqual((await nobody.read((text) => text.includes('401'))).statuses, [401]);
  assert.equal(upstream.exchanges.length, 0);
});

test('deep messages are refused where messages are read, and by the REST API', async (t) => {
  const { gateway, upstream } = await guarded(t, NO_DELETING);
  const session = await openAs(BOB, gateway.endpoint('remote'));
  for (const depth of [200, 100_000]) {
    for (const [open, close] of [['[', ']'], ['{"a":', '}']] as const) {
      const deep = `${open.repeat(depth)}1${close.repeat(depth)}`;
      const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_file","arguments":{"a":${deep}}}}`;
      const answer = await post(session.url, call, session.headers);
      assert.equal(answer.status, 400, `${depth} ${open}`);
      assert.match(await answer.text(), /"error"/);
      for (const path of ['/adapters', '/keys', '/policy/explain']) assert.equal((await gateway.api('POST', path, `{"name":${deep}}`)).status, 400, path);
    }
  }
  assert.equal(upstream.calls('tools/call').length, 0);
});

test('slow clients lose their connection, and others do not notice', async (t) => {
  const { gateway } = await guarded(t, { ...NO_DELETING, http: { headerTimeout: '400ms', bodyTimeout: '400ms' } });
  const head = `POST /adapters/remote/mcp HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nX-Api-Key: ${BOB.key}\r\nContent-Type: application/json\r\n`;
  const slow = Array.from({ length: 40 }, (_, index) => {
    const connection = new RawConnection(t, gateway.port);
    connection.write(index % 2 === 0 ? head : `${head}Content-Length: 1000\r\n\r\n{"jsonrpc"`);
    return connection;
  });
  // A byte now and then must not keep the head alive.
  const drip = setInterval(() => slow.forEach((each, index) => index % 4 === 0 && each.write('X')), 50);
  t.after(() => clearInterval(drip));
  const session = await openAs(ALICE, gateway.endpoint('remote'));
  for (let i = 0; i < 20; ++i) assert.equal((await session.request('ping')).status, 200);
  for (const connection of slow) {
    const { statuses } = await connection.readToEnd(5_000);
    assert.ok(statuses.length === 0 || statuses[0] === 408, String(statuses));
  }
});

/** Text with which somebody would like to write lines of the log himself, or paint on the terminal of its reader. */
const INJECTED = ['x\r\n{"level":"error","event":"forged"}', 'x\n2026-01-01 error forged', '\u001b[2J\u001b[31mforged', '\u009b31mforged', '\u2028forged', '\u202eforged', '\0forged', '","event":"forged","a":"'];

test('log injection: what clients write never makes a line of a log', async (t) => {
  const audit = { audit: { output: 'file' } };
  for (const format of ['json', 'text']) {
    const issuer = await Issuer.start(t);
    const { gateway, upstream } = await guarded(
      t,
      { ...NO_DELETING, ...audit, auth: { keys: [ADMIN, BOB], issuers: [{ issuer: issuer.url }] }, log: { format, level: 'debug' } },
    );
    const host = `Host: 127.0.0.1:${gateway.port}`;
    const session = await openAs(BOB, gateway.endpoint('remote'));
    for (const text of INJECTED) {
      const escaped = encodeURIComponent(text);
      const raw = Buffer.from(text, 'utf8').toString('latin1').replace(/[\r\n\0]/g, '');
      for (const path of [`/${escaped}`, `/adapters/${escaped}/mcp`, `/adapters/${escaped}`, `/adapters/remote/mcp?${escaped}`, `/${raw.replaceAll(' ', '')}`, `/adapters/${raw.replaceAll(' ', '')}/mcp`]) {
        for (const identity of [`X-Api-Key: ${BOB.key}`, `X-Api-Key: ${raw}`, `X-Request-Id: ${raw}`, `Authorization: Bearer ${raw}`, `Authorization: ${raw}`, `X-Mcp-UserId: ${raw}`, `Mcp-Session-Id: ${raw}`, `User-Agent: ${raw}`, `Host: ${raw}`]) {
          await rawRequest(t, gateway.port, [`GET ${path} HTTP/1.1`, ...(identity.startsWith('Host') ? [] : [host]), identity]);
        }
      }
      for (const name of [text, `delete_${text}`]) await session.request('tools/call', { name, arguments: { [text]: text } });
      await session.request(text, { uri: text });
      await modernRequest(session.url, 'resources/read', { uri: text }, { ...as(BOB), 'mcp-name': escaped });
      await gateway.api('POST', '/adapters', { name: text, [text]: text });
      await gateway.api('POST', '/keys', { name: text, roles: [text] });
      const token = await issuer.mint({ sub: text, name: text, aud: session.url.href, roles: [text], iss: text.includes('forged"') ? text : issuer.url });
      await (await post(session.url, ping, { authorization: `Bearer ${token}` })).arrayBuffer();
    }
    assert.ok(upstream.exchanges.length > 0);
    await gateway.stop();
    const lines = gateway.process.stderr;
    assert.ok(lines.length > 100);
    for (const line of lines) {
      assert.doesNotMatch(line, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u202e]/, JSON.stringify(line));
      if (format === 'json') assert.notEqual((JSON.parse(line) as { event: string }).event, 'forged');
      else assert.match(line, /^\S+ +(debug|info|warn|error) /, line);
    }
    const records = readFileSync(join(gateway.stateDir, 'audit.jsonl'), 'utf8').trimEnd().split('\n');
    for (const [index, line] of records.entries()) {
      assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/, JSON.stringify(line));
      assert.equal((JSON.parse(line) as { seq: number }).seq, index + 1);
    }
  }
});

test('leakage: no token, key or secret is in logs, answers, metrics, status, audit or on the disk', async (t) => {
  const issuer = await Issuer.start(t);
  const secrets = {
    rootKey: ADMIN.key,
    trusted: 'between-gateways-0123456789',
    credential: 'upstream-credential-0123456789',
    vault: 'vault-secret-0123456789',
    argument: 'argument-secret-0123456789',
    wrongKey: 'mcpg_wrong_0123456789abcdefghijk',
    query: 'query-secret-0123456789',
  };
  const { gateway, upstream } = await guarded(
    t,
    {
      ...NO_DELETING,
      audit: { output: 'file' },
      log: { level: 'debug' },
      auth: { apiKeys: true, keys: [{ ...ADMIN, key: '${env:ROOT_KEY}' }], issuers: [{ issuer: issuer.url }], trustedHeader: { secret: '${env:TRUSTED}' } },
    },
    { env: { ROOT_KEY: secrets.rootKey, TRUSTED: secrets.trusted, CREDENTIAL: secrets.credential } },
  );
  const shown: string[] = [];
  const note = async (answer: Promise<Response>): Promise<string> => {
    const response = await answer;
    const text = await response.text();
    shown.push(`${response.status} ${JSON.stringify([...response.headers])} ${text}`);
    return text;
  };
  const url = gateway.endpoint('remote');
  const good = await issuer.mint({ aud: url.href, roles: ['reader'] });
  const bad = await issuer.mint({ aud: 'https://elsewhere.example', roles: ['reader'] });
  await note(gateway.api('PUT', '/secrets/token', { value: secrets.vault }));
  await note(gateway.api('POST', '/adapters', { name: 'secretive', url: 'https://mcp.example.com', requiredRoles: ['reader'], headers: { 'x-a': '${secret:token}', 'x-b': secrets.credential, authorization: 'Bearer ${env:CREDENTIAL}' } }));
  const made = JSON.parse(await note(gateway.api('POST', '/keys', { name: 'made', roles: ['reader'] }))) as { key: string };
  shown.pop(); // Shown once, here.
  const identities: HeaderMap[] = [
    { authorization: `Bearer ${good}` }, { authorization: `Bearer ${bad}` }, { authorization: `Bearer ${made.key}` }, { authorization: `Basic ${secrets.wrongKey}` }, { 'x-api-key': secrets.wrongKey }, { 'x-api-key': made.key },
    { 'x-gateway-secret': secrets.trusted, 'x-mcp-userid': 'dave', 'x-mcp-roles': 'reader' }, { 'x-gateway-secret': `${secrets.trusted}x`, 'x-mcp-userid': 'dave' },
  ];
  for (const identity of identities) {
    await note(post(new URL(`?access_token=${secrets.query}`, url), { ...deleteFile, params: { name: 'delete_file', arguments: { a: secrets.argument } } }, identity));
    await note(post(url, { ...deleteFile, params: { name: 'read_file', arguments: { a: secrets.argument } } }, identity));
    await note(post(url, `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_file","arguments":{"a":"${secrets.argument}"`, identity));
    await note(post(gateway.endpoint('secretive'), ping, identity));
    for (const path of ['/whoami', '/adapters', '/adapters/secretive', '/adapters/secretive/status', '/keys', '/secrets', '/nothing']) await note(gateway.api('GET', path, undefined, identity));
  }
  for (const path of ['/status', '/metrics', '/adapters', '/adapters/secretive', '/keys', `/keys/${made.key.split('_')[1]}`, '/secrets', '/whoami', '/openapi.json', '/.well-known/jwks.json']) await note(gateway.api('GET', path));
  await note(gateway.api('PUT', '/secrets/token', `{"value":"${secrets.vault}`));
  await note(gateway.api('POST', '/policy/explain', { adapter: 'remote', user: 'a', tool: 'delete_file', arguments: { a: secrets.argument } }));
  assert.ok(upstream.exchanges.length > 0);
  gateway.kill();
  await gateway.process.exited;

  const files = readdirSync(gateway.stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name)).toString('latin1')] as const);
  assert.ok(files.some(([name]) => name === 'audit.jsonl') && files.some(([name]) => name.startsWith('gateway.db')));
  const all: Record<string, string> = { ...secrets, made: made.key, good, bad, 'signature of the good token': good.split('.')[2]!, 'payload of the bad one': bad.split('.')[1]! };
  for (const [what, secret] of Object.entries(all)) {
    for (const answer of shown) assert.ok(!answer.includes(secret), `${what} in the answer ${answer}`);
    for (const line of gateway.process.output.split('\n')) assert.ok(!line.includes(secret), `${what} in the log line ${line}`);
    for (const [name, text] of files) {
      // A value that was written into an adapter is kept there; that is why there are references.
      if (what === 'credential' && name.startsWith('gateway.db')) continue;
      assert.ok(!text.includes(secret), `${what} in the file ${name}`);
    }
  }
});

test('header and body: what the fields say about a message counts only when the message says it too', async (t) => {
  const { gateway, upstream } = await guarded(t, NO_DELETING);
  const url = gateway.endpoint('remote');
  const encoded = `=?base64?${Buffer.from('read_file').toString('base64')}?=`;
  for (const fields of [{ 'mcp-name': 'read_file' }, { 'mcp-name': encoded }, { 'mcp-method': 'tools/list' }, { 'mcp-method': 'ping', 'mcp-name': 'x' }] as HeaderMap[]) {
    const answer = await modernRequest(url, 'tools/call', { name: 'delete_file', arguments: {} }, { ...as(BOB), ...fields });
    assert.equal(answer.status, 400, JSON.stringify(fields));
    assert.equal(answer.messages[0]!.error!.code, -32020);
  }
  const session = await openAs(BOB, url);
  const legacy = await readReply(await post(url, deleteFile, { ...session.headers, 'mcp-method': 'tools/call', 'mcp-name': 'read_file' }));
  assert.ok(legacy.messages[0]?.error, legacy.text);
  // A modern message behind fields of the old revision, and the reverse.
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {}, 'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' } };
  const disguised = { ...deleteFile, params: { name: 'delete_file', arguments: {}, _meta: meta } };
  assert.ok((await readReply(await post(url, disguised, session.headers))).messages[0]?.error);
  assert.ok((await readReply(await post(url, deleteFile, { ...as(BOB), 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'delete_file' }))).messages[0]?.error);
  assert.equal(upstream.calls('tools/call').length, 0);
  assert.equal((await modernRequest(url, 'tools/call', { name: 'read_file', arguments: {} }, as(BOB))).status, 200);
});

test('state handles of the gateway are worth nothing in other hands', async (t) => {
  const { gateway, upstream } = await guarded(t);
  for (const [who, name] of [[ALICE, 'a-of-alice'], [BOB, 'b-of-bob'], [ALICE, 'c-of-alice'], [BOB, 'd-of-bob']] as const) {
    assert.equal((await gateway.api('POST', '/adapters', { name, url: 'https://mcp.example.com' }, as(who))).status, 201);
  }
  // Alice's place in her list.
  const first = await gateway.api('GET', '/adapters?limit=1', undefined, as(ALICE));
  const next = /<([^>]+)>/.exec(first.headers.get('link')!)![1]!;
  const names = (await (await gateway.api('GET', next.replace('limit=1', 'limit=100'), undefined, as(BOB))).json()) as { name: string }[];
  assert.deepEqual(names.map((each) => each.name), ['b-of-bob', 'd-of-bob', 'remote']);
  // The place in a stream of a session.
  const session = await openAs(ALICE, gateway.endpoint('remote'));
  const before = upstream.exchanges.length;
  const resumed = await fetch(session.url, { headers: { ...as(BOB), accept: 'text/event-stream', 'mcp-session-id': session.id, 'last-event-id': '1' } });
  assert.equal(resumed.status, 404);
  assert.equal(upstream.exchanges.length, before);
  // Somebody's key, by its id.
  const made = (await (await gateway.api('POST', '/keys', { name: 'k' }, as(ALICE))).json()) as { id: string };
  for (const method of ['GET', 'DELETE']) {
    const theirs = (await visible(await gateway.api(method, `/keys/${made.id}`, undefined, as(BOB)))) as { status: number; text: string };
    const unknown = (await visible(await gateway.api(method, `/keys/${made.id.replace(/.$/, (c) => (c === 'a' ? 'b' : 'a'))}`, undefined, as(BOB)))) as typeof theirs;
    assert.equal(theirs.status, 404);
    assert.equal(theirs.text.replaceAll(made.id, ''), unknown.text.replace(/[a-z0-9]{8,}(?='|")/g, (id) => (id.length === made.id.length ? '' : id)));
  }
});

test('a stranger among the callers is stopped before anything is read of what he sends', async (t) => {
  const { gateway, upstream } = await guarded(t, {}, {});
  const outsider = person('outsider');
  for (const path of ['/adapters/remote/mcp', '/adapters/none/mcp', '/adapters', '/keys', '/secrets/a', '/policy/explain', '/nothing']) {
    const answer = await gateway.api('POST', path, '{', { 'x-api-key': outsider.key });
    assert.equal(answer.status, 401, path);
    assert.match(answer.headers.get('www-authenticate')!, /^Bearer error="invalid_token"/);
  }
  assert.equal(upstream.exchanges.length, 0);
});
