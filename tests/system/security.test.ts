// Who may talk to the gateway, and what it believes of what they say.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startGateway } from './harness/gateway.ts';
import { Upstream, withHandshake } from './harness/upstream.ts';
import { hasResponses, RawConnection, Session } from './harness/wire.ts';

test('requests from web pages of strangers get 403', async (t) => {
  const upstream = await Upstream.start(t, withHandshake((exchange) => exchange.result({})));
  const gateway = await startGateway(t, { config: { servers: [{ name: 'remote', federated: false, url: upstream.url }] } });
  const status = async (path: string, headers: string[]): Promise<number> => {
    const connection = new RawConnection(t, gateway.port);
    connection.write([`GET ${path} HTTP/1.1`, ...headers, 'Accept: text/event-stream', 'Connection: close', '', ''].join('\r\n'));
    return (await connection.read((text) => hasResponses(text, 1))).statuses[0]!;
  };
  const host = `Host: 127.0.0.1:${gateway.port}`;
  for (const path of ['/adapters/remote/mcp', '/adapters', '/status']) {
    for (const origin of ['http://evil.example', 'https://evil.example:8000', 'null', 'http://127.0.0.1.evil.example', 'file://']) {
      assert.equal(await status(path, [host, `Origin: ${origin}`]), 403, `${path} from ${origin}`);
    }
    for (const stranger of ['evil.example', `evil.example:${gateway.port}`, '127.0.0.1.evil.example', '10.1.2.3']) {
      assert.equal(await status(path, [`Host: ${stranger}`]), 403, `${path} at ${stranger}`);
    }
  }
  assert.equal(upstream.exchanges.length, 0);
  for (const name of ['localhost', '127.0.0.1', '[::1]']) {
    assert.equal(await status('/adapters', [`Host: ${name}:${gateway.port}`, `Origin: http://${name}:${gateway.port}`]), 200, name);
  }
});

test('the gateway refuses to listen on a public address without being told that it may', async (t) => {
  await assert.rejects(startGateway(t, { listen: '0.0.0.0:0' }), /0\.0\.0\.0/);
});

test('hop-by-hop headers stop at the gateway, the others pass both ways', async (t) => {
  const upstream = await Upstream.start(
    t,
    withHandshake((exchange) =>
      exchange.result({}, { 'x-answer': 'yes', connection: 'x-hop', 'x-hop': 'secret', 'mcp-extra': 'kept' }),
    ),
  );
  const gateway = await startGateway(t, { config: { servers: [{ name: 'remote', federated: false, url: upstream.url }] } });
  const session = await Session.open(gateway.endpoint('remote'));
  const body = JSON.stringify(session.message('ping'));
  const connection = new RawConnection(t, gateway.port);
  connection.write(
    [
      `POST ${session.url.pathname} HTTP/1.1`,
      `Host: 127.0.0.1:${gateway.port}`,
      'Connection: close, X-Remove-Me',
      'X-Remove-Me: please',
      'Keep-Alive: timeout=5',
      'Proxy-Authorization: Basic c2VjcmV0',
      'Proxy-Connection: keep-alive',
      'TE: trailers',
      'X-Keep-Me: please',
      'Mcp-Name: kept',
      'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'Content-Type: application/json',
      'Accept: application/json, text/event-stream',
      `Mcp-Session-Id: ${session.id}`,
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );
  const { text } = await connection.readToEnd();
  assert.match(text, /x-answer: yes/i);
  assert.match(text, /mcp-extra: kept/i);
  assert.doesNotMatch(text, /x-hop:/i);

  const { headers } = upstream.calls('ping')[0]!.request;
  assert.equal(headers['x-keep-me'], 'please');
  assert.equal(headers['mcp-name'], 'kept');
  assert.match(String(headers.traceparent), /^00-0af7651916cd43dd8448eb211c80319c-/);
  assert.equal(headers['mcp-session-id'], 'upstream-session');
  for (const gone of ['x-remove-me', 'keep-alive', 'proxy-authorization', 'proxy-connection', 'te']) {
    assert.equal(headers[gone], undefined, gone);
  }
});

test('forwarding headers are believed from trusted proxies only', async (t) => {
  const upstream = await Upstream.start(t, withHandshake((exchange) => exchange.result({})));
  const servers = [{ name: 'remote', federated: false, url: upstream.url }];
  const forged = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'mcp.example' };

  const wary = await startGateway(t, { config: { servers } });
  await (await Session.open(wary.endpoint('remote'))).request('ping', undefined, forged);
  const fromStranger = upstream.calls('ping').at(-1)!.request.headers;
  assert.equal(fromStranger['x-forwarded-for'], '127.0.0.1');
  assert.equal(fromStranger['x-forwarded-proto'], 'http');
  assert.equal(fromStranger['x-forwarded-host'], `127.0.0.1:${wary.port}`);

  const trusting = await startGateway(t, { config: { servers, http: { trustedProxies: ['127.0.0.0/8'] } } });
  await (await Session.open(trusting.endpoint('remote'))).request('ping', undefined, forged);
  const fromProxy = upstream.calls('ping').at(-1)!.request.headers;
  assert.equal(fromProxy['x-forwarded-for'], '203.0.113.7, 127.0.0.1');
  assert.equal(fromProxy['x-forwarded-proto'], 'https');
  assert.equal(fromProxy['x-forwarded-host'], 'mcp.example');
});

test('headers of an adapter come from the environment and stay out of logs and answers', async (t) => {
  const upstream = await Upstream.start(t, withHandshake((exchange) => exchange.result({})));
  const gateway = await startGateway(t, {
    env: { UPSTREAM_TOKEN: 'Bearer very-secret' },
    config: { servers: [{ name: 'remote', federated: false, url: upstream.url, headers: { Authorization: '${env:UPSTREAM_TOKEN}' } }] },
  });
  const session = await Session.open(gateway.endpoint('remote'), { authorization: 'Bearer of-the-client' });
  assert.equal((await session.request('ping')).status, 200);
  for (const { request } of upstream.exchanges) assert.equal(request.headers.authorization, 'Bearer very-secret');

  const shown = await Promise.all(
    ['/adapters', '/adapters/remote', '/adapters/remote/status', '/status', '/metrics'].map(async (path) =>
      (await gateway.api('GET', path)).text(),
    ),
  );
  for (const text of [...shown, ...gateway.process.stderr, ...gateway.process.stdout]) {
    assert.doesNotMatch(text, /very-secret|of-the-client/);
  }
});

test('credentials of clients are not forwarded', async (t) => {
  const upstream = await Upstream.start(t, withHandshake((exchange) => exchange.result({})));
  const gateway = await startGateway(t, { config: { servers: [{ name: 'remote', federated: false, url: upstream.url }] } });
  const session = await Session.open(gateway.endpoint('remote'));
  await session.request('ping', undefined, { authorization: 'Bearer of-the-client', cookie: 'a=b' });
  const { headers } = upstream.calls('ping')[0]!.request;
  assert.equal(headers.authorization, undefined);
});
