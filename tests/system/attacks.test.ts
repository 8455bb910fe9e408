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
import { eventually, within } from './harness/wait.ts';
import {
  modernRequest,
  post,
  RawConnection,
  rawRequest,
  readReply,
  serverEvents,
  Session,
  type HeaderMap,
  type Reply,
} from './harness/wire.ts';

/** A server that says `done` to everything. */
const willing = (scope: Scope): Promise<Upstream> =>
  Upstream.start(
    scope,
    withHandshake((exchange) => {
      if (exchange.request.method === 'GET') return exchange.startEvents();
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
    config: { ...people(), servers: [{ name: 'remote', url: upstream.url, requiredRoles: ['reader'] }], ...more },
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
  const made_up = new URL(messages);
  made_up.searchParams.set('session_id', messages.searchParams.get('session_id')!.replace(/^.{8}/, 'AAAAAAAA'));
  const hijacked = await visible(await post(messages, ping, as(BOB)));
  assert.equal((hijacked as { status: number }).status, 404);
  assert.deepEqual(hijacked, await visible(await post(made_up, ping, as(BOB))));
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
  for (const path of ['/adapters/remote/mcp', '/adapters', '/whoami', '/.well-known/oauth-protected-resource', '/status']) {
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
    config: { ...people(), servers: [{ name: 'remote', url: upstream.url, requiredRoles: ['reader'], forwardedIdentity: 'headers' }] },
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
    'twice': [...CLAIMS, ...CLAIMS],
    'named in Connection': [...CLAIMS, `Connection: close, ${NAMES_OF_OURS}`],
    'Connection alone': [`Connection: close, ${NAMES_OF_OURS}`],
  };
  const body = JSON.stringify(ping);
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
  assert.ok(body.length > 0);
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
    [`X-Api-Key: ${BOB.key}`, `X-Api-Key: ${ADMIN.key}`],
    [`Authorization: Bearer ${BOB.key}`, `Authorization: Bearer ${ADMIN.key}`],
  ]) {
    const answer = await ask(...fields);
    assert.deepEqual(answer.statuses, [401], `${fields.join()}\n${answer.text}`);
  }
  assert.equal((await ask(`X-Gateway-Secret: ${SECRET}`, 'X-Mcp-UserId: key:root')).statuses[0], 401, 'an id that only the gateway gives');
});
