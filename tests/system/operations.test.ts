// What an operator sees: probes, metrics, status, request ids.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { exampleServer, startGateway, type Gateway } from './harness/gateway.ts';
import { suiteScope } from './harness/scope.ts';
import { Upstream, withHandshake } from './harness/upstream.ts';
import { eventually } from './harness/wait.ts';
import { Session } from './harness/wire.ts';

describe('operating the gateway', () => {
  const scope = suiteScope();
  let gateway: Gateway;
  let upstream: Upstream;

  before(async () => {
    upstream = await Upstream.start(scope, withHandshake((exchange) => exchange.result({})));
    gateway = await startGateway(scope, { config: { servers: [exampleServer(), { name: 'remote', federated: false, url: upstream.url }] } });
    await gateway.ready('example');
  });

  test('the probes answer', async () => {
    for (const path of ['/ping', '/healthz', '/readyz']) {
      const response = await gateway.api('GET', path);
      assert.equal(response.status, 200, path);
      await response.arrayBuffer();
    }
    assert.equal(await (await gateway.api('GET', '/ping')).text(), '');
  });

  test('metrics are in the Prometheus text format and count what happens', async () => {
    const response = await gateway.api('GET', '/metrics');
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    const text = await response.text();
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      assert.match(line, /^[a-z_]+(\{([a-z_]+="[^"]*",?)*\})? (-?[\d.e+-]+|\+Inf|NaN)$/i, line);
    }
    const count = async (): Promise<number> => gateway.metric('mcp_gateway_proxy_responses_total', { class: '2xx' });
    const session = await Session.open(gateway.endpoint('remote'));
    const earlier = await count();
    for (let index = 0; index < 5; ++index) await session.request('ping');
    await eventually('five more requests', async () => (await count()) === earlier + 5);
  });

  test('the status is JSON and names the servers', async () => {
    const status = await gateway.json('/status');
    const text = JSON.stringify(status);
    assert.match(text, /example/);
    assert.match(text, /remote/);
  });

  test('every answer has a request id, which the upstream sees too', async () => {
    const session = await Session.open(gateway.endpoint('remote'));
    const reply = await session.request('ping');
    const id = reply.headers.get('x-request-id');
    assert.ok(id && id.length >= 8);
    assert.equal(upstream.calls('ping').at(-1)!.request.headers['x-request-id'], id);
    assert.notEqual((await session.request('ping')).headers.get('x-request-id'), id);
  });

  test('trace context is passed on', async () => {
    const session = await Session.open(gateway.endpoint('remote'));
    const trace = '0af7651916cd43dd8448eb211c80319c';
    await session.request('ping', undefined, { traceparent: `00-${trace}-b7ad6b7169203331-01`, tracestate: 'vendor=value' });
    const { headers } = upstream.calls('ping').at(-1)!.request;
    assert.match(String(headers.traceparent), new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    assert.equal(headers.tracestate, 'vendor=value');
  });
});
