// Streams through the gateway: event by event, cancelled with the client, bounded in memory.

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { replicaServer, startGateway, type Gateway } from './harness/gateway.ts';
import { rssBytes } from './harness/processes.ts';
import { Upstream, withHandshake, type Exchange, type Script } from './harness/upstream.ts';
import { eventually, within } from './harness/wait.ts';
import { RawConnection, serverEvents, Session } from './harness/wire.ts';

const MIB = 1024 * 1024;

async function throughGateway(t: TestContext, script: Script): Promise<{ gateway: Gateway; upstream: Upstream; session: Session }> {
  const upstream = await Upstream.start(t, withHandshake(script));
  const gateway = await startGateway(t, { config: { servers: [{ name: 'remote', federated: false, url: upstream.url }] } });
  return { gateway, upstream, session: await Session.open(gateway.endpoint('remote')) };
}

test('every event arrives before the next one is sent', async (t) => {
  let exchange: Exchange | undefined;
  const { session } = await throughGateway(t, (each) => {
    exchange = each;
    each.startEvents({ 'x-of-the-server': 'kept' });
  });
  const response = await within(2_000, 'the head before any event', session.stream('tools/call', { name: 'any' }));
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.equal(response.headers.get('x-of-the-server'), 'kept');

  const events = serverEvents(response.body!);
  for (let number = 1; number <= 20; ++number) {
    exchange!.event({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: number } });
    const { value } = await within(2_000, `event ${number}`, events.next());
    assert.equal(JSON.parse(value!.data).params.data, number);
  }
  exchange!.response.end();
  assert.equal((await within(2_000, 'the end of the stream', events.next())).done, true);
});

test('bytes of requests, responses and events pass unchanged', async (t) => {
  const odd = '{"jsonrpc":"2.0", "id":9007199254740993,"result":{"z":1,"a":1.0e+2,"_meta":{"x":"\\u00e9é"},"n":123456789012345678901234567890}}';
  const { upstream, session } = await throughGateway(t, (exchange) => {
    exchange.response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(odd);
  });
  const body = '{ "jsonrpc" : "2.0", "id": 9007199254740993 ,"method":"tools/call","params":{"name":"x","b":1,"a":1E400}}\n';
  const response = await fetch(session.url, {
    method: 'POST',
    headers: { ...session.headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body,
  });
  assert.equal(await response.text(), odd);
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal(upstream.exchanges.at(-1)!.body, body);
});

test('the status and the body of an upstream refusal pass unchanged', async (t) => {
  const { session } = await throughGateway(t, (exchange) => {
    const status = exchange.message.params.status as number;
    exchange.json({ jsonrpc: '2.0', id: null, error: { code: -32000, message: `refused with ${status}` } }, status);
  });
  for (const status of [400, 403, 406, 409, 415, 429, 500, 503]) {
    const reply = await session.request('tools/call', { status });
    assert.equal(reply.status, status);
    assert.match(reply.text, new RegExp(`refused with ${status}`));
  }
});

test('a client that leaves cancels its request upstream', async (t) => {
  const calls: Exchange[] = [];
  const { upstream, session } = await throughGateway(t, (exchange) => {
    calls.push(exchange);
    if (exchange.message.params.stream) exchange.startEvents();
  });
  for (const stream of [false, true]) {
    const leave = new AbortController();
    const request = session.stream('tools/call', { name: 'any', stream }, { signal: leave.signal }).catch(() => undefined);
    const exchange = await eventually('the call is upstream', () => calls.shift());
    if (stream) await request;
    leave.abort();
    await within(5_000, 'the upstream to see that nobody waits', exchange.abandoned);
    await request;
  }
  assert.equal(upstream.calls('tools/call').length, 2);
});

test('a dead upstream is a 503 that says so, a silent one a 504', async (t) => {
  const gone = await Upstream.start(t, () => {});
  const silent = await Upstream.start(t, () => {});
  const gateway = await startGateway(t, {
    config: {
      servers: [
        { name: 'gone', url: gone.url.replace(/:\d+/, ':1') },
        { name: 'silent', url: silent.url, limits: { responseTimeout: '300ms' } },
      ],
    },
  });
  for (const [name, status] of [['gone', 503], ['silent', 504]] as const) {
    const response = await fetch(gateway.endpoint(name), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    });
    const text = await response.text();
    assert.equal(response.status, status, `${name}: ${text}`);
    assert.match(text, new RegExp(name), 'the answer names the adapter');
  }
});

test('an upstream that breaks off in the middle ends the response of the client abnormally', async (t) => {
  const { gateway, session } = await throughGateway(t, (exchange) => {
    exchange.startEvents();
    exchange.event({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'first' } });
    setImmediate(() => exchange.response.destroy());
  });
  const response = await session.stream('tools/call', { name: 'any' });
  await assert.rejects(within(5_000, 'the end', response.text()), /terminated|closed|other side/i);
  assert.equal((await gateway.api('GET', '/ping')).status, 200);
});

test('a result of 8 MiB passes with bounded memory', async (t) => {
  const gateway = await startGateway(t, { config: { servers: [replicaServer('replicas', '--http')] } });
  await gateway.ready('replicas');
  const session = await Session.open(gateway.endpoint('replicas'));
  await session.call('big', { bytes: 1000 });

  const before = rssBytes(gateway.process.pid);
  const text = await session.call('big', { bytes: 8 * MIB });
  assert.equal(text.length, 8 * MIB);
  const growth = rssBytes(gateway.process.pid) - before;
  t.diagnostic(`resident memory grew by ${Math.round(growth / 1024)} KiB`);
  assert.ok(growth < 4 * MIB, `grew by ${growth} bytes`);
});

test('a slow reader holds back its own stream only', async (t) => {
  const chunk = `data: ${'x'.repeat(64 * 1024)}\n\n`;
  let sent = 0;
  const { gateway, upstream, session } = await throughGateway(t, async (exchange) => {
    if (exchange.message.params?.flood !== true) return exchange.result({ content: [] });
    exchange.startEvents();
    for (let index = 0; index < 1024 && !exchange.response.destroyed; ++index) {
      sent += chunk.length;
      if (!exchange.response.write(chunk)) await new Promise((resolve) => exchange.response.once('drain', resolve));
    }
    exchange.response.end();
  });
  const before = rssBytes(gateway.process.pid);

  const reader = new RawConnection(t, gateway.port);
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'any', flood: true } });
  reader.write(
    `POST ${session.url.pathname} HTTP/1.1\r\nHost: 127.0.0.1:${gateway.port}\r\nContent-Type: application/json\r\n` +
      `Accept: application/json, text/event-stream\r\nMcp-Session-Id: ${session.id}\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );
  await reader.read((text) => text.includes('data:'));
  reader.socket.pause();

  // The flood stops once every buffer on the way is full.
  let last = -1;
  await eventually('the upstream is held back', () => {
    const settled = sent === last;
    last = sent;
    return settled;
  }, { interval: 150 });
  assert.ok(sent < 32 * MIB, `the gateway took ${sent} bytes that nobody reads`);
  assert.ok(rssBytes(gateway.process.pid) - before < 4 * MIB);

  const others = await Promise.all(
    Array.from({ length: 50 }, () => within(2_000, 'another request', session.request('tools/call', { name: 'any' }))),
  );
  for (const reply of others) assert.equal(reply.status, 200);
  assert.ok(upstream.exchanges.length >= 51);
});

test('idle event streams are kept alive with comments', async (t) => {
  const upstream = await Upstream.start(t, withHandshake((exchange) => exchange.startEvents()));
  const gateway = await startGateway(t, {
    config: { http: { keepAliveInterval: '200ms' }, servers: [{ name: 'remote', federated: false, url: upstream.url }] },
  });
  const session = await Session.open(gateway.endpoint('remote'));
  const stream = await fetch(session.url, { headers: { ...session.headers, accept: 'text/event-stream' } });
  const events = serverEvents(stream.body!);
  for (let count = 0; count < 3; ++count) {
    assert.equal((await within(5_000, 'a comment', events.next())).value?.event, 'comment');
  }
  await events.return(undefined);
});
