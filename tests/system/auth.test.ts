// Who is calling: bearer tokens of a real authorization server, API keys, and everything that must be refused.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { exportSPKI, importJWK, type CryptoKey } from 'jose';
import { Application } from './harness/application.ts';
import { connectV1, connectV2, firstText, MODERN } from './harness/clients.ts';
import { exampleServer, startGateway, type Gateway, type GatewayOptions } from './harness/gateway.ts';
import { Issuer, signingKey } from './harness/issuer.ts';
import type { Scope } from './harness/scope.ts';
import { Upstream, withHandshake } from './harness/upstream.ts';
import { eventually } from './harness/wait.ts';

const bearer = (token: string): { requestInit: RequestInit } => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

/** An administrator, for what a test prepares. */
const ROOT = { name: 'root', key: 'root-key-0123456789abcdef', roles: ['mcp.admin'] };

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
});

function post(url: URL, headers: Record<string, string> = {}, body = initialize): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body,
  });
}

const withToken = (url: URL, token: string): Promise<Response> => post(url, { authorization: `Bearer ${token}` });

/** A gateway that trusts `issuer`, with one upstream that everybody with the role `reader` may use. */
async function guarded(scope: Scope, issuer: Issuer, more: GatewayOptions['config'] = {}): Promise<{ gateway: Gateway; upstream: Upstream }> {
  const upstream = await Upstream.start(scope, withHandshake((exchange) => exchange.result({ content: [{ type: 'text', text: 'done' }] })));
  const gateway = await startGateway(scope, {
    config: {
      auth: { issuers: [{ issuer: issuer.url }] },
      servers: [
        { name: 'remote', federated: false, url: upstream.url, requiredRoles: ['reader'] },
        { name: 'other', federated: false, url: upstream.url, requiredRoles: ['reader'] },
      ],
      ...(more as object),
    },
  });
  return { gateway, upstream };
}

test('a client of the official SDK finds the authorization server, logs in with PKCE and calls a tool', async (t) => {
  const issuer = await Issuer.start(t, { users: [{ sub: 'alice', name: 'Alice', roles: ['reader'] }] });
  const gateway = await startGateway(t, {
    config: {
      auth: { issuers: [{ issuer: issuer.url }], keys: [ROOT], resource: { scopes: ['mcp:tools'] } },
      servers: [exampleServer({ requiredRoles: ['reader'] })],
    },
  });
  gateway.identity = { 'x-api-key': ROOT.key };
  await gateway.ready('example');
  const application = new Application();
  const url = gateway.endpoint('example');

  // Without a token the gateway says where the metadata is, and the metadata says who gives tokens.
  const refused = await post(url);
  assert.equal(refused.status, 401);
  const challenge = refused.headers.get('www-authenticate')!;
  assert.ok(challenge.includes(`resource_metadata="${new URL('/.well-known/oauth-protected-resource/adapters/example/mcp', gateway.url)}"`), challenge);
  assert.match(challenge, /scope="mcp:tools"/);

  assert.equal(await auth(application, { serverUrl: url }), 'REDIRECT');
  assert.equal(application.authorizationUrl!.searchParams.get('resource'), url.href);
  const back = await issuer.logIn(application.authorizationUrl!);
  assert.equal(await auth(application, { serverUrl: url, authorizationCode: back.searchParams.get('code')! }), 'AUTHORIZED');

  const client = await connectV1(t, url, { authProvider: application });
  assert.equal(firstText(await client.callTool({ name: 'add', arguments: { a: 2, b: 40 } })), '42');
  const modern = await connectV2(t, url, MODERN, bearer(application.saved!.access_token));
  assert.equal(firstText(await modern.callTool({ name: 'add', arguments: { a: 20, b: 22 } })), '42');
});

test('a machine gets its token by client credentials', async (t) => {
  const issuer = await Issuer.start(t, { robotRoles: ['reader'] });
  const { gateway } = await guarded(t, issuer);
  const url = gateway.endpoint('remote');
  assert.equal((await withToken(url, await issuer.robotToken(url.href))).status, 200);
});

test('a token is good for the resource that it was asked for', async (t) => {
  const issuer = await Issuer.start(t, { robotRoles: ['reader'] });
  const { gateway, upstream } = await guarded(t, issuer);
  const mine = gateway.endpoint('remote');
  const token = await issuer.robotToken(mine.href);
  for (let i = 0; i < 3; ++i) {
    assert.equal((await withToken(mine, token)).status, 200);
    const refused = await withToken(gateway.endpoint('other'), token);
    assert.equal(refused.status, 401, 'also when the token was seen and accepted elsewhere');
    assert.match(refused.headers.get('www-authenticate')!, /error="invalid_token"/);
  }
  assert.equal((await fetch(new URL('/adapters', gateway.url), { headers: { authorization: `Bearer ${token}` } })).status, 401);
  // One for the whole gateway is good everywhere.
  const wide = await issuer.robotToken(gateway.url);
  assert.equal((await withToken(mine, wide)).status, 200);
  assert.equal((await withToken(gateway.endpoint('other'), wide)).status, 200);
  assert.ok(upstream.exchanges.every((exchange) => exchange.request.headers.authorization === undefined), 'no token goes upstream');
});

test('what is not exactly right is refused, and the answer says that it was the token', async (t) => {
  const issuer = await Issuer.start(t);
  const { gateway, upstream } = await guarded(t, issuer);
  const url = gateway.endpoint('remote');
  const good = { aud: url.href, roles: ['reader'] };
  const now = Math.floor(Date.now() / 1000);
  const stranger = await signingKey(issuer.keys[0]!.kid);
  const segments = (await issuer.mint(good)).split('.');
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const publicPem = await exportSPKI((await importJWK({ kty: 'RSA', n: issuer.keys[0]!.jwk.n!, e: issuer.keys[0]!.jwk.e! }, 'RS256')) as CryptoKey);
  const hmacInput = `${encode({ alg: 'HS256', kid: issuer.keys[0]!.kid })}.${segments[1]}`;
  const tokens: Record<string, string> = {
    expired: await issuer.mint({ ...good, exp: now - 61 }),
    'not yet valid': await issuer.mint({ ...good, nbf: now + 120 }),
    'without an end': await issuer.mint({ ...good, exp: undefined as never }),
    'wrong audience': await issuer.mint({ ...good, aud: 'https://elsewhere.example/mcp' }),
    'no audience': await issuer.mint({ roles: ['reader'] }),
    'wrong issuer': await issuer.mint({ ...good, iss: 'https://elsewhere.example' }),
    'issuer with a slash': await issuer.mint({ ...good, iss: `${issuer.url}/` }),
    none: `${encode({ alg: 'none' })}.${segments[1]}.`,
    'none with a signature': `${encode({ alg: 'none' })}.${segments[1]}.${segments[2]}`,
    'HS256 with the public key': `${hmacInput}.${createHmac('sha256', publicPem).update(hmacInput).digest('base64url')}`,
    'stripped signature': `${segments[0]}.${segments[1]}.`,
    'two segments': `${segments[0]}.${segments[1]}`,
    'another payload': `${segments[0]}.${encode({ iss: issuer.url, sub: 'root', aud: url.href, exp: now + 60, roles: ['mcp.admin'] })}.${segments[2]}`,
    'somebody else\'s key under a known id': await issuer.mint(good, { key: stranger }),
    'unknown key id': await issuer.mint(good, { key: { ...stranger, kid: 'never-heard-of' } }),
    'critical extension': await issuer.mint(good, { header: { crit: ['b64'], b64: true } }),
    garbage: 'not.a.token',
    empty: '',
  };
  for (const [what, token] of Object.entries(tokens)) {
    const response = await withToken(url, token);
    assert.equal(response.status, 401, what);
    const challenge = response.headers.get('www-authenticate') ?? '';
    assert.match(challenge, /^Bearer /, what);
    assert.match(challenge, /resource_metadata="/, what);
    const text = await response.text();
    assert.ok(token.length < 20 || !text.includes(token.slice(0, 20)), `${what}: the answer repeats the token`);
  }
  assert.equal(upstream.exchanges.length, 0);
  assert.equal((await withToken(url, await issuer.mint(good))).status, 200, 'the right one');
  assert.equal((await post(new URL(`${url}?access_token=${await issuer.mint(good)}`))).status, 401, 'in the query');
  const log = gateway.process.output;
  for (const [what, token] of Object.entries(tokens)) assert.ok(token.length < 40 || !log.includes(token.slice(-40)), `${what}: the log has the token`);
});

test('keys are rotated under load without a failed request', async (t) => {
  const first = await signingKey('first');
  const issuer = await Issuer.start(t, { keys: [first], robotRoles: ['reader'] });
  const { gateway } = await guarded(t, issuer);
  const url = gateway.endpoint('remote');
  let current = await issuer.robotToken(url.href);
  let stop = false;
  const counts = { sent: 0 };
  const load = Array.from({ length: 8 }, async () => {
    while (!stop) {
      const response = await withToken(url, current);
      counts.sent += 1;
      assert.equal(response.status, 200, await response.text());
    }
  });
  const some = async (more: number): Promise<void> => {
    const until = counts.sent + more;
    await eventually('more requests', () => counts.sent >= until);
  };
  await some(50);
  let previous = first;
  for (const kid of ['second', 'third', 'fourth']) {
    const next = await signingKey(kid);
    issuer.rotate([next, previous]);
    current = await issuer.robotToken(url.href);
    await some(100);
    previous = next;
  }
  stop = true;
  await Promise.all(load);
});

test('a key that the issuer withdraws takes its tokens with it', async (t) => {
  const [old, fresh] = [await signingKey('old'), await signingKey('fresh')];
  const issuer = await Issuer.start(t, { keys: [old], robotRoles: ['reader'] });
  const { gateway } = await guarded(t, issuer);
  const url = gateway.endpoint('remote');
  const token = await issuer.robotToken(url.href);
  assert.equal((await withToken(url, token)).status, 200);
  issuer.rotate([fresh]);
  assert.equal((await withToken(url, await issuer.robotToken(url.href))).status, 200);
  assert.equal((await withToken(url, token)).status, 401);
});

test('an issuer that cannot be reached is said in the log, keeps nobody known out, and lets nobody unknown in', async (t) => {
  const issuer = await Issuer.start(t, { robotRoles: ['reader'] });
  const token = await issuer.robotToken('http://127.0.0.1:1/mcp');
  issuer.outage = (_request, response) => void response.writeHead(500).end('out of order');
  const { gateway } = await guarded(t, issuer, { auth: { keys: [ROOT], issuers: [{ issuer: issuer.url, audiences: ['http://127.0.0.1:1/mcp'] }] } });
  const url = gateway.endpoint('remote');
  const closed = await withToken(url, token);
  assert.ok([401, 503].includes(closed.status), String(closed.status));
  await gateway.process.line(/auth\.keys_unavailable/);
  const status = await (await fetch(new URL('/status', gateway.url), { headers: { 'x-api-key': ROOT.key } })).json() as { issuers: { keys: string[]; problem: string }[] };
  assert.deepEqual(status.issuers[0]!.keys, []);
  assert.match(status.issuers[0]!.problem, /500/);
  issuer.outage = undefined;
  await eventually('the keys', async () => (await withToken(url, token)).status === 200, { deadline: 20_000 });
  // The last good keys stay while it is away again.
  issuer.outage = (_request, response) => void response.writeHead(500).end('out of order');
  assert.equal((await withToken(url, token)).status, 200);
});

test('several issuers at once, and the claims of each where it has them', async (t) => {
  const keycloak = await Issuer.start(t);
  const entra = await Issuer.start(t);
  const upstream = await Upstream.start(t, withHandshake((exchange) => exchange.result({})));
  const gateway = await startGateway(t, {
    config: {
      auth: {
        issuers: [
          { issuer: keycloak.url, claims: { roles: ['/realm_access/roles'] } },
          { issuer: entra.url, audiences: ['api://gateway'], userPrefix: 'entra:', claims: { user: ['oid'] } },
        ],
      },
      servers: [{ name: 'remote', federated: false, url: upstream.url, requiredRoles: ['reader'] }],
    },
  });
  const url = gateway.endpoint('remote');
  assert.equal((await withToken(url, await keycloak.mint({ aud: url.href, realm_access: { roles: ['reader'] } }))).status, 200);
  assert.equal((await withToken(url, await keycloak.mint({ aud: url.href, roles: ['reader'] }))).status, 404, 'not where this issuer has roles');
  const token = await entra.mint({ aud: 'api://gateway', oid: 'o-1', roles: ['reader'] });
  assert.equal((await withToken(url, token)).status, 200);
  const whoami = await fetch(new URL('/whoami', gateway.url), { headers: { authorization: `Bearer ${token}` } });
  assert.equal(((await whoami.json()) as { user: string }).user, 'entra:o-1');
});

test('API keys: made, shown once, used, listed without their secret, revoked', async (t) => {
  const upstream = await Upstream.start(t, withHandshake((exchange) => exchange.result({})));
  const gateway = await startGateway(t, {
    config: {
      auth: { apiKeys: true, keys: [{ name: 'root', key: '${env:ROOT_KEY}', roles: ['mcp.admin'] }] },
      servers: [{ name: 'remote', federated: false, url: upstream.url, requiredRoles: ['reader'] }],
    },
    env: { ROOT_KEY: 'root-key-0123456789abcdef' },
  });
  const root = { 'x-api-key': 'root-key-0123456789abcdef' };
  const url = gateway.endpoint('remote');
  const made = await gateway.api('POST', '/keys', { name: 'ci', roles: ['reader'] }, root);
  assert.equal(made.status, 201);
  const { id, key } = (await made.json()) as { id: string; key: string };
  assert.equal((await withToken(url, key)).status, 200);
  assert.equal((await post(url, { 'x-api-key': key })).status, 200);
  assert.equal((await post(url, { 'x-api-key': `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}` })).status, 401);
  const list = await (await gateway.api('GET', '/keys', undefined, root)).text();
  assert.ok(list.includes(id) && !list.includes(key) && !list.includes('hash'));
  assert.equal((await gateway.api('DELETE', `/keys/${id}`, undefined, root)).status, 204);
  assert.equal((await withToken(url, key)).status, 401, 'at once');
  assert.ok(!gateway.process.output.includes(key));
});

test('the development identity is what it says, on this machine only', async (t) => {
  const gateway = await startGateway(t, { config: { auth: { development: true } } });
  const whoami = async (headers: Record<string, string>): Promise<Record<string, unknown>> =>
    (await (await fetch(new URL('/whoami', gateway.url), { headers })).json()) as Record<string, unknown>;
  assert.deepEqual(await whoami({}).then(({ user, roles }) => ({ user, roles })), { user: 'dev', roles: ['mcp.dev'] });
  const named = await whoami({ 'x-dev-userid': 'carol', 'x-dev-name': 'Carol', 'x-dev-roles': 'a, b,,' });
  assert.deepEqual([named.user, named.name, named.roles], ['carol', 'Carol', ['a', 'b']]);
  await assert.rejects(startGateway(t, { config: { auth: { development: true } }, listen: '0.0.0.0:0' }), /development/);
});

test('another gateway may say who calls, when it knows the secret', async (t) => {
  const gateway = await startGateway(t, {
    config: { auth: { trustedHeader: { secret: '${env:SECRET}' } } },
    env: { SECRET: 'between-gateways-0123456789' },
  });
  const ask = (headers: Record<string, string>): Promise<Response> => fetch(new URL('/whoami', gateway.url), { headers });
  const told = await ask({ 'x-gateway-secret': 'between-gateways-0123456789', 'x-mcp-userid': 'dave', 'x-mcp-roles': 'a,b' });
  assert.equal(((await told.json()) as { user: string }).user, 'dave');
  assert.equal((await ask({ 'x-mcp-userid': 'dave' })).status, 401);
  assert.equal((await ask({ 'x-gateway-secret': 'between-gateways-012345678', 'x-mcp-userid': 'dave' })).status, 401);
  assert.equal((await ask({ 'x-gateway-secret': 'between-gateways-0123456789' })).status, 401, 'a secret without a user names nobody');
});
