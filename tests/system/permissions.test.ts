// Who may do what: one table over operation, ownership and caller, for the REST API and the data plane. An operation of
// /openapi.json without a row fails.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { ADMIN, as, person, type Person } from './harness/access.ts';
import { startGateway, type Gateway } from './harness/gateway.ts';
import { suiteScope } from './harness/scope.ts';
import { within } from './harness/wait.ts';
import type { HeaderMap } from './harness/wire.ts';

/** What a caller is told: it is done (or would be, were the request another), he may not, there is no such thing, or who is he. */
type Outcome = 'yes' | 'denied' | 'hidden' | 'who?';

const OUTSIDER = person('outsider');
const READER = person('reader', 'Reader');
const OWNER = person('owner', 'operator');
const CALLERS: Record<string, Person | undefined> = { stranger: undefined, outsider: OUTSIDER, reader: READER, owner: OWNER, administrator: ADMIN };

/** Outcomes for stranger, outsider, reader, owner and administrator. */
type Row = [Outcome, Outcome, Outcome, Outcome, Outcome];

const everybody: Row = ['yes', 'yes', 'yes', 'yes', 'yes'];
const known: Row = ['who?', 'yes', 'yes', 'yes', 'yes'];
const administrators: Row = ['who?', 'denied', 'denied', 'denied', 'yes'];

/** Adapters and tools by whose they are: of the owner without roles, for readers, for all; of the file, for readers. */
const ADAPTERS = ['private', 'shared', 'public', 'of-file'] as const;

const reading: Record<(typeof ADAPTERS)[number], Row> = {
  private: ['who?', 'hidden', 'hidden', 'yes', 'yes'],
  shared: ['who?', 'hidden', 'yes', 'yes', 'yes'],
  public: ['who?', 'yes', 'yes', 'yes', 'yes'],
  'of-file': ['who?', 'hidden', 'yes', 'hidden', 'yes'],
};
const writing: typeof reading = {
  private: ['who?', 'hidden', 'hidden', 'yes', 'yes'],
  shared: ['who?', 'hidden', 'denied', 'yes', 'yes'],
  public: ['who?', 'denied', 'denied', 'yes', 'yes'],
  'of-file': ['who?', 'hidden', 'denied', 'hidden', 'yes'],
};

const TABLE: Record<string, Row | typeof reading | { key: Row }> = {
  'GET /ping': everybody,
  'GET /healthz': everybody,
  'GET /readyz': everybody,
  'GET /': known,
  'GET /openapi.json': known,
  'GET /whoami': known,
  'GET /status': administrators,
  'GET /metrics': administrators,
  'POST /policy/explain': administrators,

  'GET /adapters': known,
  'POST /adapters': known,
  'GET /adapters/{name}': reading,
  'GET /adapters/{name}/status': reading,
  'GET /adapters/{name}/logs': reading,
  'PUT /adapters/{name}': writing,
  'DELETE /adapters/{name}': writing,
  'GET /adapters/{name}/approvals': reading,
  'POST /adapters/{name}/approvals': writing,
  'GET /catalogue': known,
  'GET /catalogue/hidden': known,

  'GET /tools': known,
  'POST /tools': known,
  'GET /tools/{name}': reading,
  'GET /tools/{name}/status': reading,
  'GET /tools/{name}/logs': reading,
  'PUT /tools/{name}': writing,
  'DELETE /tools/{name}': writing,

  'GET /keys': known,
  'POST /keys': known,
  'GET /keys/{id}': { key: ['who?', 'hidden', 'hidden', 'yes', 'yes'] },
  'DELETE /keys/{id}': { key: ['who?', 'hidden', 'hidden', 'yes', 'yes'] },

  'GET /secrets': administrators,
  'PUT /secrets/{name}': administrators,
  'DELETE /secrets/{name}': administrators,

  'POST /adapters/{name}/mcp': reading,
  'GET /adapters/{name}/mcp': reading,
  'DELETE /adapters/{name}/mcp': reading,
  'GET /adapters/{name}/sse': reading,
  'POST /adapters/{name}/messages': reading,

  'POST /mcp': known,
  'GET /mcp': known,
  'DELETE /mcp': known,
  'POST /servers/{name}/mcp': known,
  'GET /servers/{name}/mcp': known,
  'DELETE /servers/{name}/mcp': known,
};

/** A stdio server that answers `initialize`. */
const MINIMAL = `require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  const result = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'minimal', version: '1' } };
  const answer = method === 'initialize' ? { result } : { error: { code: -32601, message: 'Method not found' } };
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
})`;
const server = (name: string, requiredRoles: string[]): { name: string } =>
  ({ name, command: process.execPath, args: ['-e', MINIMAL], requiredRoles }) as { name: string };

const toolName = (resource: string): string => `tool-${resource}`;
const tool = (name: string, more: object = { url: 'https://tools.example.com/' }): object =>
  ({ name, ...more, toolDefinition: { tool: { name, inputSchema: { type: 'object' } } } });

const INITIALIZE = { jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } } };

describe('permissions', () => {
  const scope = suiteScope();
  let gateway: Gateway;
  let made = 0;

  before(async () => {
    gateway = await startGateway(scope, {
      config: {
        auth: { apiKeys: true, keys: [ADMIN, OUTSIDER, READER, OWNER], operatorRoles: ['operator'] },
        servers: [server('of-file', ['reader'])],
        virtualServers: [{ name: 'selection' }],
        tools: [tool(toolName('of-file'), { command: 'sleep', args: ['1000'], requiredRoles: ['reader'] })],
      },
    });
    gateway.identity = as(ADMIN);
    for (const [name, roles] of [['private', []], ['shared', ['reader']], ['public', ['*']]] as const) {
      assert.equal((await gateway.api('POST', '/adapters', server(name, [...roles]), as(OWNER))).status, 201);
      const made = tool(toolName(name), { command: 'sleep', args: ['1000'], requiredRoles: [...roles] });
      assert.equal((await gateway.api('POST', '/tools', made, as(OWNER))).status, 201);
    }
    for (const name of ADAPTERS) await gateway.ready(name);
  });

  /** The body of a request that would be good if the caller may send it. */
  const bodyOf = (operation: string, resource: string): unknown => {
    switch (operation) {
      case 'POST /adapters':
        return { name: `made-${++made}`, url: 'https://mcp.example.com/' };
      case 'PUT /adapters/{name}':
        return { name: resource, url: 'https://mcp.example.com/' };
      case 'POST /adapters/{name}/approvals':
        return { items: [{ kind: 'tool', name: 'any', hash: 'none' }] };
      case 'POST /tools':
        return tool(`made-${++made}`);
      case 'PUT /tools/{name}':
        return tool(resource);
      case 'POST /keys':
        return { name: `made-${++made}` };
      case 'PUT /secrets/{name}':
        return { value: 'x' };
      case 'POST /policy/explain':
        return { adapter: 'shared', user: 'somebody' };
      default:
        return /^POST .*\/(mcp|sse|messages)$/.test(operation) ? INITIALIZE : undefined;
    }
  };

  async function send(operation: string, resource: string, caller: Person | undefined): Promise<{ status: number; text: string }> {
    const [method, template] = operation.split(' ') as [string, string];
    const path = template.replace(/\{\w+\}/, resource);
    const leave = new AbortController();
    const body = bodyOf(operation, resource);
    const headers: HeaderMap = {
      ...(caller && as(caller)),
      accept: method === 'GET' && /mcp|sse/.test(path) ? 'text/event-stream' : 'application/json, text/event-stream',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      // So that nothing changes for those who ask next.
      ...(/^(PUT|DELETE) .(adapters|tools).\{name\}$/.test(operation) && { 'if-match': '"another"' }),
    };
    const init = { method, headers, signal: leave.signal, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await within(10_000, operation, fetch(new URL(path, gateway.url), init));
    const stream = response.headers.get('content-type')?.startsWith('text/event-stream') && method === 'GET';
    const text = stream ? '' : await response.text();
    leave.abort();
    return { status: response.status, text };
  }

  function outcomeOf({ status, text }: { status: number; text: string }): Outcome {
    if (status === 401) return 'who?';
    if (status === 403) return 'denied';
    if (status === 404 && /there is no (adapter|tool|API key|secret) /.test(text)) return 'hidden';
    assert.ok(status < 500, `${status} ${text}`);
    return 'yes';
  }

  async function holds(operation: string, row: Row, resource: () => Promise<string>, absent: string): Promise<void> {
    for (const [index, [who, caller]] of Object.entries(CALLERS).entries()) {
      const name = await resource();
      const answer = await send(operation, name, caller);
      const what = `${operation} of ${name} by ${who}: ${answer.status} ${answer.text}`;
      assert.equal(outcomeOf(answer), row[index], what);
      if (row[index] !== 'hidden') continue;
      const unknown = await send(operation, absent, caller);
      assert.equal(answer.status, unknown.status, what);
      assert.equal(answer.text.replaceAll(name, absent), unknown.text, what);
    }
  }

  test('the table has a row for every operation, and no other', async () => {
    const { paths } = await gateway.json<{ paths: Record<string, object> }>('/openapi.json');
    const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'];
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).filter((key) => methods.includes(key)).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.ok(operations.length > 20);
    assert.deepEqual(operations.filter((each) => !(each in TABLE)), [], 'operations without a row');
    assert.deepEqual(Object.keys(TABLE).filter((each) => !operations.includes(each)), [], 'rows without an operation');
  });

  for (const [operation, rows] of Object.entries(TABLE)) {
    test(operation, async () => {
      if (Array.isArray(rows)) {
        const secret = async (): Promise<string> => {
          if (operation.includes('/servers/')) return 'selection';
          if (operation.includes('/secrets/')) await gateway.api('PUT', '/secrets/token', { value: 'x' });
          return 'token';
        };
        return holds(operation, rows, secret, 'absent');
      }
      if ('key' in rows) {
        const key = async (): Promise<string> => ((await (await gateway.api('POST', '/keys', { name: 'k' }, as(OWNER))).json()) as { id: string }).id;
        return holds(operation, rows.key, key, 'aaaaaaaaaaaa');
      }
      const named = operation.includes('/tools/') ? toolName : (name: string): string => name;
      for (const name of ADAPTERS) await holds(operation, rows[name], async () => named(name), 'zzzzzzzz');
    });
  }

  test('lists show everybody what he may read', async () => {
    const names = async (who: Person): Promise<string[]> =>
      ((await (await gateway.api('GET', '/adapters', undefined, as(who))).json()) as { name: string }[]).map(({ name }) => name).filter((name) => !name.startsWith('made-'));
    assert.deepEqual(await names(OUTSIDER), ['public']);
    assert.deepEqual(await names(READER), ['of-file', 'public', 'shared']);
    assert.deepEqual(await names(OWNER), ['private', 'public', 'shared']);
    assert.deepEqual(await names(ADMIN), ['of-file', 'private', 'public', 'shared']);
    const keys = async (who: Person): Promise<Set<string>> =>
      new Set(((await (await gateway.api('GET', '/keys', undefined, as(who))).json()) as { createdBy: string }[]).map(({ createdBy }) => createdBy));
    await gateway.api('POST', '/keys', { name: 'r' }, as(READER));
    assert.deepEqual(await keys(READER), new Set(['key:reader']));
    assert.ok((await keys(ADMIN)).size > 1);
  });

  test('a key gives its maker nothing that he does not have', async () => {
    assert.equal((await gateway.api('POST', '/keys', { name: 'k', roles: ['mcp.admin'] }, as(READER))).status, 403);
    assert.equal((await gateway.api('POST', '/keys', { name: 'k', roles: ['operator'] }, as(READER))).status, 403);
    const made = await gateway.api('POST', '/keys', { name: 'k', roles: ['reader'] }, as(READER));
    assert.equal(made.status, 201);
    const { key } = (await made.json()) as { key: string };
    assert.equal((await gateway.api('GET', '/adapters/shared', undefined, { 'x-api-key': key })).status, 200);
    assert.equal((await gateway.api('GET', '/status', undefined, { 'x-api-key': key })).status, 403);
  });

  test('a changed owner of nothing: who makes an adapter of a name that was deleted gets nothing of the other', async () => {
    const body = { name: 'again', url: 'https://mcp.example.com/', headers: { 'x-secret': 'of-the-owner' } };
    assert.equal((await gateway.api('POST', '/adapters', body, as(OWNER))).status, 201);
    assert.equal((await gateway.api('POST', '/adapters', body, as(READER))).status, 409, 'a name that is taken is no secret');
    assert.equal((await gateway.api('DELETE', '/adapters/again', undefined, as(OWNER))).status, 204);
    const made = await gateway.api('POST', '/adapters', { ...body, headers: { 'x-secret': '***' } }, as(READER));
    assert.ok(!(await made.text()).includes('of-the-owner'));
    assert.equal((await gateway.api('GET', '/adapters/again', undefined, as(OWNER))).status, 404);
  });
});
