// Who may do what through the REST API and the command line: roles, API keys, secrets, explanations.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { ApiContract } from './harness/contract.ts';
import { BINARY, startGateway, type Gateway, type ServerConfig } from './harness/gateway.ts';
import { suiteScope } from './harness/scope.ts';
import { Upstream, withHandshake } from './harness/upstream.ts';
import { eventually } from './harness/wait.ts';

const KEYS = {
  admin: 'admin-key-0123456789abcdef',
  alice: 'alice-key-0123456789abcdef',
  bob: 'bob-key-0123456789abcdef',
};
type Person = keyof typeof KEYS;

const remote = (name: string, more: object = {}): ServerConfig => ({ name, url: 'http://127.0.0.1:9/mcp', ...more });

describe('access to the REST API', () => {
  const scope = suiteScope();
  let gateway: Gateway;
  let contract: ApiContract;
  let upstream: Upstream;

  before(async () => {
    upstream = await Upstream.start(scope, withHandshake((exchange) => exchange.result({})));
    gateway = await startGateway(scope, {
      config: {
        auth: {
          apiKeys: true,
          keys: [
            { name: 'admin', key: KEYS.admin, roles: ['mcp.admin'] },
            { name: 'alice', key: KEYS.alice, roles: ['engineer'] },
            { name: 'bob', key: KEYS.bob, roles: ['reader'] },
          ],
        },
        egress: { allowPrivate: true },
        policy: { rules: [{ name: 'no-writing', effect: 'deny', when: { roles: ['reader'], tools: ['write_*'] } }] },
        servers: [remote('shared', { requiredRoles: ['reader'] }), remote('closed')],
      },
    });
    gateway.identity = { 'x-api-key': KEYS.admin };
    contract = await ApiContract.of(gateway);
  });

  const as = (who: Person | string, method: string, path: string, body?: unknown) =>
    contract.request(method, path, body, { 'x-api-key': KEYS[who as Person] ?? who });

  test('the document is valid', () => contract.validate());

  test('callers see what they may read, and nothing tells them of the rest', async () => {
    const names = async (who: Person): Promise<string[]> =>
      (await as(who, 'GET', '/adapters')).body.map((each: { name: string }) => each.name);
    assert.equal((await as('alice', 'POST', '/adapters', remote('hers'))).status, 201);
    assert.deepEqual(await names('admin'), ['closed', 'hers', 'shared']);
    assert.deepEqual(await names('alice'), ['hers']);
    assert.deepEqual(await names('bob'), ['shared']);
    for (const [method, suffix] of [['GET', ''], ['GET', '/status'], ['GET', '/logs'], ['DELETE', '']] as const) {
      const hidden = await as('bob', method, `/adapters/hers${suffix}`);
      const missing = await as('bob', method, `/adapters/none${suffix}`);
      assert.equal(hidden.status, 404);
      assert.deepEqual({ ...hidden.body, detail: '' }, { ...missing.body, detail: '' });
      assert.equal(hidden.body.detail.replace('hers', 'none'), missing.body.detail);
    }
    const refused = await as('bob', 'PUT', '/adapters/shared', remote('shared'));
    assert.equal(refused.status, 403);
    assert.match(refused.body.detail, /mcp\.admin/);
    assert.equal((await as('alice', 'DELETE', '/adapters/hers')).status, 204);
  });

  test('a client cannot say that it is somebody else', async () => {
    const forged = Buffer.from(JSON.stringify([0, 'root', '', '', '', '', ['mcp.admin'], [], [], 0])).toString('base64url');
    const answer = await gateway.api('GET', '/whoami', undefined, { 'x-api-key': KEYS.bob, 'X-Gateway-Caller': forged });
    assert.deepEqual(((await answer.json()) as { roles: string[] }).roles, ['reader']);
  });

  test('status and metrics are for administrators', async () => {
    for (const path of ['/status', '/metrics', '/secrets']) {
      assert.equal((await as('bob', 'GET', path)).status, 403, path);
      assert.equal((await as('admin', 'GET', path)).status, 200, path);
    }
    assert.equal((await as('bob', 'GET', '/openapi.json')).status, 200);
  });

  test('a key works until it is revoked', async () => {
    const made = await as('alice', 'POST', '/keys', { name: 'ci', roles: ['engineer'], expiresIn: '1h' });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { id, key } = made.body;
    await eventually('the key is known', async () => (await as(key, 'GET', '/whoami')).status === 200);
    const who = (await as(key, 'GET', '/whoami')).body;
    assert.deepEqual([who.user, who.method, who.roles, who.administrator], [`key:${id}`, 'api_key', ['engineer'], false]);
    assert.deepEqual((await as('alice', 'GET', '/keys')).body.map((each: { id: string }) => each.id), [id]);
    assert.equal((await as('alice', 'GET', `/keys/${id}`)).body.key, undefined);
    assert.equal((await as('bob', 'GET', `/keys/${id}`)).status, 404);
    assert.equal((await as('bob', 'POST', '/keys', { name: 'k', roles: ['engineer'] })).status, 403);
    assert.equal((await as('bob', 'POST', '/keys', { name: '' })).status, 400);
    assert.equal((await as('admin', 'DELETE', `/keys/${id}`)).status, 204);
    await eventually('the key counts no more', async () => (await as(key, 'GET', '/whoami')).status === 401);
  });

  test('a secret reaches the server, and nobody who asks for it', async () => {
    const set = await as('admin', 'PUT', '/secrets/search-token', { value: 'hunter2' });
    assert.equal(set.status, 201);
    const headers = { Authorization: 'Bearer ${secret:search-token}' };
    assert.equal((await as('alice', 'POST', '/adapters', remote('stealing', { headers }))).status, 403);
    gateway.writeConfig({
      ...JSON.parse(readFileSync(gateway.configFile, 'utf8')),
      servers: [remote('shared', { requiredRoles: ['reader'] }), remote('closed'), { name: 'search', url: upstream.url, headers, requiredRoles: ['reader'] }],
    });
    await gateway.ready('search');
    const call = () =>
      fetch(gateway.endpoint('search'), {
        method: 'POST',
        headers: { 'x-api-key': KEYS.bob, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } } }),
      });
    assert.equal((await call()).status, 200);
    assert.equal(upstream.exchanges.at(-1)!.request.headers.authorization, 'Bearer hunter2');
    assert.equal((await as('admin', 'PUT', '/secrets/search-token', { value: 'hunter3' })).status, 200);
    await eventually('the new value is sent', async () => {
      await call();
      return upstream.exchanges.at(-1)!.request.headers.authorization === 'Bearer hunter3';
    });
    assert.doesNotMatch(JSON.stringify((await as('admin', 'GET', '/secrets')).body), /hunter/);
    assert.equal((await as('admin', 'DELETE', '/secrets/search-token')).status, 204);
    assert.equal((await as('admin', 'DELETE', '/secrets/search-token')).status, 404);
    assert.equal((await as('admin', 'PUT', '/secrets/a%20b', { value: 'x' })).status, 400);
  });

  test('an explanation names the rule', async () => {
    const question = { user: 'bob', roles: ['reader'], adapter: 'shared', tool: 'write_file' };
    const denied = await as('admin', 'POST', '/policy/explain', question);
    assert.equal(denied.status, 200, JSON.stringify(denied.body));
    assert.deepEqual([denied.body.decision, denied.body.decidedBy, denied.body.policy.rule], ['deny', 'policy', 'no-writing']);
    const allowed = await as('admin', 'POST', '/policy/explain', { ...question, tool: 'read_file' });
    assert.equal(allowed.body.decision, 'allow');
    const outsider = await as('admin', 'POST', '/policy/explain', { ...question, roles: [] });
    assert.deepEqual([outsider.body.decision, outsider.body.decidedBy], ['deny', 'roles']);
    assert.equal((await as('alice', 'POST', '/policy/explain', question)).status, 403);
    assert.equal((await as('admin', 'POST', '/policy/explain', { adapter: 'none' })).status, 404);
    assert.equal((await as('admin', 'POST', '/policy/explain', {})).status, 400);
  });

  interface Ran {
    code: number | null;
    out: string;
    err: string;
  }
  const run = (args: string[], input = ''): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const child = spawn(BINARY, args, { env: { ...process.env, MCP_GATEWAY_URL: gateway.url, MCP_GATEWAY_TOKEN: KEYS.admin } });
      const ran: Ran = { code: null, out: '', err: '' };
      child.stdout.on('data', (data) => (ran.out += data));
      child.stderr.on('data', (data) => (ran.err += data));
      child.on('error', reject);
      child.on('close', (code) => resolve({ ...ran, code }));
      child.stdin.end(input);
    });

  test('the command line manages keys and secrets', async () => {
    const made = await run(['keys', 'create', 'from-cli', '--role', 'reader', '--expires-in', '1h']);
    assert.equal(made.code, 0, made.err);
    const key = made.out.trim();
    assert.match(key, /^mcpg_/);
    await eventually('the key is known', async () => (await as(key, 'GET', '/whoami')).status === 200);
    const listed = JSON.parse((await run(['keys', 'ls', '--output', 'json'])).out) as { id: string; name: string }[];
    const { id } = listed.find((each) => each.name === 'from-cli')!;
    const file = `${gateway.stateDir}/token`;
    writeFileSync(file, `${key}\n`);
    const asKey = await run(['adapters', 'ls', '--token-file', file]);
    assert.match(asKey.out, /shared/);
    assert.doesNotMatch(asKey.out, /closed/);
    const refused = await run(['secrets', 'ls', '--token-file', file]);
    assert.deepEqual([refused.code, refused.out], [1, '']);
    assert.match(refused.err, /^mcp-gateway: .*mcp\.admin.*\n$/);
    assert.equal((await run(['keys', 'revoke', id])).code, 0);

    assert.equal((await run(['secrets', 'set', 'from-cli'], 'hunter2\n')).code, 0);
    assert.match((await run(['secrets', 'ls'])).out, /^NAME .*\nfrom-cli /);
    assert.equal((await run(['secrets', 'rm', 'from-cli'])).code, 0);
    assert.equal((await run(['secrets', 'rm', 'from-cli'])).code, 1);
  });
});
