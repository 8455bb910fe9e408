// The REST API: adapters, their errors, lists, logs; and that it is what /openapi.json says.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { ApiContract } from './harness/contract.ts';
import { exampleServer, replicaServer, startGateway, temporaryDirectory, type Gateway, type ServerConfig } from './harness/gateway.ts';
import { suiteScope } from './harness/scope.ts';
import { eventually, within } from './harness/wait.ts';
import { Session } from './harness/wire.ts';

const remote = (name: string, more: object = {}): ServerConfig => ({ name, url: 'http://127.0.0.1:9/mcp', ...more });

describe('REST API', () => {
  const scope = suiteScope();
  let gateway: Gateway;
  let contract: ApiContract;

  before(async () => {
    gateway = await startGateway(scope, { config: { servers: [exampleServer(), remote('from-file')] } });
    await gateway.ready('example');
    contract = await ApiContract.of(gateway);
  });

  /** Sends a request, checks the answer against the published contract and returns it. */
  const api = async (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    contract.request(method, path, body, headers);

  test('adapters are created, read, replaced and deleted', async () => {
    const created = await api('POST', '/adapters', remote('weather', { description: 'Forecasts.', tags: ['sky'] }));
    assert.equal(created.status, 201);
    assert.equal(new URL(created.headers.get('location')!, gateway.url).pathname, '/adapters/weather');
    const etag = created.headers.get('etag')!;
    assert.match(etag, /^"[^"]+"$/);
    assert.equal(created.body.id, 'weather');
    assert.equal(created.body.description, 'Forecasts.');
    assert.equal(created.body.replicaCount, 1);
    assert.deepEqual(created.body.environmentVariables, {});
    assert.match(created.body.createdAt, /^\d{4}-\d\d-\d\dT/);

    const read = await api('GET', '/adapters/weather');
    assert.equal(read.status, 200);
    assert.equal(read.headers.get('etag'), etag);
    assert.deepEqual(read.body, created.body);

    const replaced = await api('PUT', '/adapters/weather', remote('weather', { description: 'Rain.' }), { 'if-match': etag });
    assert.equal(replaced.status, 200);
    assert.equal(replaced.body.description, 'Rain.');
    assert.deepEqual(replaced.body.tags ?? [], [], 'what is left out returns to its default');
    assert.equal(replaced.body.createdAt, created.body.createdAt);
    assert.notEqual(replaced.headers.get('etag'), etag);

    const stale = await api('PUT', '/adapters/weather', remote('weather'), { 'if-match': etag });
    assert.equal(stale.status, 412);
    assert.equal((await api('DELETE', '/adapters/weather', undefined, { 'if-match': etag })).status, 412);
    const deleted = await api('DELETE', '/adapters/weather', undefined, { 'if-match': replaced.headers.get('etag')! });
    assert.equal(deleted.status, 204);
    assert.equal((await api('GET', '/adapters/weather')).status, 404);
  });

  test('what was read can be sent back', async () => {
    await api('POST', '/adapters', remote('echoed', { headers: { Authorization: 'Bearer secret' } }));
    const read = await api('GET', '/adapters/echoed');
    assert.doesNotMatch(JSON.stringify(read.body), /Bearer secret/);
    const again = await api('PUT', '/adapters/echoed', read.body);
    assert.equal(again.status, 200, JSON.stringify(again.body));
    assert.equal((await api('DELETE', '/adapters/echoed')).status, 204);
  });

  test('an adapter made through the API serves at once and is gone at once', async () => {
    const { name, ...rest } = replicaServer('made', '--http', { replicaCount: 2 });
    assert.equal((await api('POST', '/adapters', { name, ...rest })).status, 201);
    await gateway.ready('made', 2);
    const session = await Session.open(gateway.endpoint('made'));
    const pid = await session.call('whoami');
    assert.match(pid, /^\d+$/);

    const fewer = await api('PUT', '/adapters/made', { name, ...rest, replicaCount: 1 });
    assert.equal(fewer.status, 200);
    await gateway.ready('made', 1);

    assert.equal((await api('DELETE', '/adapters/made')).status, 204);
    assert.equal((await session.request('ping')).status, 404);
    await eventually('its process ended', () => {
      try {
        process.kill(Number(pid), 0);
        return false;
      } catch {
        return true;
      }
    });
  });

  const tool = (name: string, more: object = {}, definition: object = {}) => ({
    name,
    url: 'http://127.0.0.1:9/api',
    toolDefinition: { tool: { name, inputSchema: { type: 'object', properties: { city: { type: 'string' } } } }, ...definition },
    ...more,
  });

  test('tools are created, read, replaced and deleted beside adapters', async () => {
    const created = await api('POST', '/tools', tool('forecast', {}, { path: '/{city}', parameters: [{ argument: 'city', in: 'path' }] }));
    assert.equal(created.status, 201, JSON.stringify(created.body));
    assert.equal(new URL(created.headers.get('location')!, gateway.url).pathname, '/tools/forecast');
    assert.equal(created.body.toolDefinition.method, 'POST');
    const read = await api('GET', '/tools/forecast');
    assert.deepEqual(read.body, created.body);
    assert.deepEqual((await api('GET', '/tools')).body, [created.body]);
    assert.equal((await api('GET', '/tools/forecast/status')).body.replicaStatus, 'Healthy');
    assert.equal((await api('PUT', '/tools/forecast', read.body)).status, 200, 'what was read can be sent back');
    assert.equal((await api('PUT', '/tools/forecast', read.body, { 'if-match': read.headers.get('etag')! })).status, 412);

    for (const rest of ['', '/status', '/logs']) assert.equal((await api('GET', `/adapters/forecast${rest}`)).status, 404);
    for (const rest of ['', '/status', '/logs']) assert.equal((await api('GET', `/tools/example${rest}`)).status, 404);
    assert.ok(!(await api('GET', '/adapters')).body.some((each: { name: string }) => each.name === 'forecast'));
    const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
    assert.equal((await gateway.api('POST', '/adapters/forecast/mcp', initialize)).status, 404);
    const status = (await api('GET', '/status')).body;
    assert.deepEqual(status.tools.list, [{ name: 'forecast', origin: 'api', state: 'ready' }]);

    const taken = await api('POST', '/adapters', remote('forecast'));
    assert.equal(taken.status, 409);
    assert.match(taken.body.detail, /taken by a tool/);
    assert.equal((await api('DELETE', '/tools/forecast')).status, 204);
    assert.equal((await api('GET', '/tools/forecast')).status, 404);
  });

  test('the definition of a tool is answered as the bytes that came, also after a restart', async (t) => {
    const stateDir = await temporaryDirectory(t);
    const first = await startGateway(t, { stateDir });
    const definition = '{ "inputSchema" : {"type":"object","x":9007199254740993},\n "name":"exact", "y":1.0 }';
    const body = `{"name":"exact","url":"http://127.0.0.1:9/","toolDefinition":{"tool":${definition}}}`;
    const shown = async (by: Gateway) => (await by.api('GET', '/tools/exact')).text();
    assert.equal((await first.api('POST', '/tools', body)).status, 201);
    assert.ok((await shown(first)).includes(`"tool":${definition},`), await shown(first));
    await first.kill();
    const second = await startGateway(t, { stateDir });
    assert.ok((await shown(second)).includes(`"tool":${definition},`), await shown(second));
  });

  const valid = remote('valid');
  const errors: [what: string, status: number, method: string, path: string, body?: unknown, field?: string][] = [
    ['a name that is taken', 409, 'POST', '/adapters', remote('from-file')],
    ['an empty body', 400, 'POST', '/adapters', ''],
    ['broken JSON', 400, 'POST', '/adapters', '{"name": '],
    ['a list', 400, 'POST', '/adapters', []],
    ['no name', 400, 'POST', '/adapters', { url: 'http://127.0.0.1:9/' }, 'name'],
    ['an empty name', 400, 'POST', '/adapters', remote(''), 'name'],
    ['capital letters in a name', 400, 'POST', '/adapters', remote('Weather'), 'name'],
    ['a dash at the end of a name', 400, 'POST', '/adapters', remote('weather-'), 'name'],
    ['a name of 64 characters', 400, 'POST', '/adapters', remote('a'.repeat(64)), 'name'],
    ['no source', 400, 'POST', '/adapters', { name: 'nothing' }],
    ['two sources', 400, 'POST', '/adapters', remote('two', { command: 'true' })],
    ['an impossible URL', 400, 'POST', '/adapters', remote('bad', { url: 'not a url' }), 'url'],
    ['a URL of another scheme', 400, 'POST', '/adapters', remote('bad', { url: 'ftp://127.0.0.1/' }), 'url'],
    ['a misspelt member', 400, 'POST', '/adapters', remote('bad', { replicaCont: 2 }), 'replicaCont'],
    ['a negative count', 400, 'POST', '/adapters', remote('bad', { replicaCount: -1 }), 'replicaCount'],
    ['a text for a count', 400, 'POST', '/adapters', remote('bad', { replicaCount: 'two' }), 'replicaCount'],
    ['an unknown transport', 400, 'POST', '/adapters', remote('bad', { transport: 'pigeon' }), 'transport'],
    ['an illegal header', 400, 'POST', '/adapters', remote('bad', { headers: { 'a b': 'c' } })],
    ['an image without a container runtime', 400, 'POST', '/adapters', { name: 'img', imageName: 'a/b', imageVersion: '1' }],
    ['another name in the path', 400, 'PUT', '/adapters/from-file', remote('other'), 'name'],
    ['replacing what is not there', 404, 'PUT', '/adapters/valid', valid],
    ['reading what is not there', 404, 'GET', '/adapters/valid'],
    ['the status of what is not there', 404, 'GET', '/adapters/valid/status'],
    ['the logs of what is not there', 404, 'GET', '/adapters/valid/logs'],
    ['deleting what is not there', 404, 'DELETE', '/adapters/valid'],
    ['replacing what the file says', 409, 'PUT', '/adapters/from-file', remote('from-file')],
    ['deleting what the file says', 409, 'DELETE', '/adapters/from-file'],
    ['a tool without a definition', 400, 'POST', '/tools', remote('bare'), 'toolDefinition'],
    ['a tool of another name', 400, 'POST', '/tools', tool('a', {}, { tool: { name: 'b', inputSchema: { type: 'object' } } }), 'toolDefinition.tool.name'],
    ['a schema that is none', 400, 'POST', '/tools', tool('a', {}, { tool: { name: 'a', inputSchema: { type: 'object', minimum: 'x' } } }), 'toolDefinition.tool.inputSchema.minimum'],
    ['a tool with a transport', 400, 'POST', '/tools', tool('a', { transport: 'sse' }), 'transport'],
    ['an adapter with a definition', 400, 'POST', '/adapters', tool('a'), 'toolDefinition'],
    ['a name that an adapter has', 409, 'POST', '/tools', tool('example')],
    ['replacing a tool that is not there', 404, 'PUT', '/tools/valid', tool('valid')],
    ['replacing an adapter by a tool', 404, 'PUT', '/tools/from-file', tool('from-file')],
    ['deleting an adapter as a tool', 404, 'DELETE', '/tools/from-file'],
    ['the logs of a tool that is not there', 404, 'GET', '/tools/valid/logs'],
    ['a limit of tools that is no number', 400, 'GET', '/tools?limit=many', undefined, 'limit'],
    ['a limit that is no number', 400, 'GET', '/adapters?limit=many', undefined, 'limit'],
    ['a limit of nothing', 400, 'GET', '/adapters?limit=0', undefined, 'limit'],
    ['logs of an instance that is no number', 400, 'GET', '/adapters/example/logs?instance=x', undefined, 'instance'],
    ['logs of an instance that is not there', 404, 'GET', '/adapters/example/logs?instance=7'],
    ['a tail that is no number', 400, 'GET', '/adapters/example/logs?tail=-5', undefined, 'tail'],
    ['a verb that is not offered', 405, 'PATCH', '/adapters/example', {}],
    ['a path that is not offered', 404, 'GET', '/nothing/here'],
  ];
  for (const [what, status, method, path, body, field] of errors) {
    test(`${what} is ${status}`, async () => {
      const answer = await api(method, path, body);
      assert.equal(answer.status, status, JSON.stringify(answer.body));
      assert.equal(answer.headers.get('content-type')?.split(';')[0], 'application/problem+json');
      assert.equal(answer.body.status, status);
      for (const member of ['type', 'title', 'detail']) assert.equal(typeof answer.body[member], 'string', member);
      assert.ok(answer.body.detail.length > 15, answer.body.detail);
      assert.doesNotMatch(answer.body.detail, /\bat 0x|\.cc:\d+|std::|exception/i);
      if (field !== undefined) {
        const fields = (answer.body.errors as { field: string }[]).map((error) => error.field);
        assert.ok(fields.includes(field), JSON.stringify(answer.body));
      }
      if (status === 405) assert.ok(answer.headers.get('allow')?.includes('GET'));
    });
  }

  test('a body that is not JSON is 415, one that is too large 413', async () => {
    const form = await api('POST', '/adapters', 'name=x', { 'content-type': 'application/x-www-form-urlencoded' });
    assert.equal(form.status, 415);
    const large = await gateway.api('POST', '/adapters', `{"name":"${'a'.repeat(5_000_000)}"}`);
    assert.equal(large.status, 413);
    // Node's client may notice that the gateway reads no further before it sees the answer.
    const huge = await gateway.api('POST', '/adapters', `{"name":"${'a'.repeat(40_000_000)}"}`).catch(() => undefined);
    if (huge) assert.equal(huge.status, 413);
    assert.equal((await gateway.api('GET', '/ping')).status, 200);
  });

  test('lists are sorted and come in pages', async () => {
    const names = ['page-c', 'page-a', 'page-e', 'page-b', 'page-d'];
    for (const name of names) assert.equal((await api('POST', '/adapters', remote(name))).status, 201);
    const everything = (await api('GET', '/adapters')).body.map((each: { name: string }) => each.name);
    assert.deepEqual(everything, ['example', 'from-file', ...names.toSorted()]);

    const collected: string[] = [];
    let path: string | undefined = '/adapters?limit=2';
    let pages = 0;
    while (path !== undefined && ++pages < 10) {
      const page = await api('GET', path);
      assert.ok(page.body.length <= 2);
      collected.push(...page.body.map((each: { name: string }) => each.name));
      const link = page.headers.get('link');
      const next: string | undefined = /<([^>]+)>; *rel="next"/.exec(link ?? '')?.[1];
      path = next && new URL(next, gateway.url).pathname + new URL(next, gateway.url).search;
    }
    assert.deepEqual(collected, everything);
    for (const name of names) await api('DELETE', `/adapters/${name}`);
  });

  test('of concurrent creations of one name exactly one succeeds', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => gateway.api('POST', '/adapters', remote('contested'))));
    const statuses = answers.map((answer) => answer.status).sort();
    assert.deepEqual(statuses, [201, ...Array.from({ length: 9 }, () => 409)]);
    await api('DELETE', '/adapters/contested');
  });

  test('the status tells of every instance', async () => {
    const { status, body } = await api('GET', '/adapters/example/status');
    assert.equal(status, 200);
    assert.equal(body.readyReplicas, 1);
    assert.equal(body.replicaStatus, 'Healthy');
    assert.equal(body.instances.length, 1);
    assert.ok(body.instances[0].state.length > 0, JSON.stringify(body.instances));
  });

  test('logs can be cut, dated and followed', async () => {
    const { name, ...rest } = replicaServer('noisy', '--http');
    await api('POST', '/adapters', { name, ...rest });
    await gateway.ready('noisy');
    const session = await Session.open(gateway.endpoint('noisy'));

    const leave = new AbortController();
    const following = await fetch(new URL('/adapters/noisy/logs?follow=true', gateway.url), { signal: leave.signal });
    const reader = following.body!.pipeThrough(new TextDecoderStream()).getReader();
    let followed = '';
    const complaints = async (count: number): Promise<void> => {
      while ((followed.match(/replica complains/g) ?? []).length < count) {
        const { value, done } = await within(5_000, `complaint ${count}; so far ${followed}`, reader.read());
        assert.ok(!done);
        followed += value;
      }
    };
    for (let count = 1; count <= 3; ++count) {
      await session.call('complain');
      await complaints(count);
    }
    leave.abort();

    const text = async (query: string): Promise<string> => (await gateway.api('GET', `/adapters/noisy/logs${query}`)).text();
    assert.match(await text(''), /is up on http[^]*replica complains/);
    assert.match(await text('?instance=0'), /is up on http/);
    const tail = await text('?tail=2');
    assert.equal((tail.match(/replica complains/g) ?? []).length, 2);
    assert.doesNotMatch(tail, /is up on/);
    const later = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
    assert.equal((await text(`?since=${later}`)).trim(), '');
    await api('DELETE', '/adapters/noisy');
  });

  test('/openapi.json is a valid description of OpenAPI 3.1', async () => {
    await contract.validate();
  });
});
