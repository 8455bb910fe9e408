// What outlives the gateway process, and how it comes and goes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectV1, firstText } from './harness/clients.ts';
import { startGateway, temporaryDirectory } from './harness/gateway.ts';
import { startReplica } from './harness/replica.ts';
import { Upstream, withHandshake, type Exchange } from './harness/upstream.ts';
import { eventually, within } from './harness/wait.ts';
import { RawConnection, Session } from './harness/wire.ts';

test('sessions with a remote server go on after the gateway was killed and started again', async (t) => {
  const remote = await startReplica(t);
  const stateDir = await temporaryDirectory(t);
  const config = { servers: [{ name: 'remote', url: remote.url }] };

  const first = await startGateway(t, { config, stateDir });
  const client = await connectV1(t, first.endpoint('remote'));
  const session = await Session.open(first.endpoint('remote'));
  assert.equal(firstText(await client.callTool({ name: 'whoami' })), String(remote.process.pid));

  await first.kill();
  await startGateway(t, { config, stateDir, listen: `127.0.0.1:${first.port}` });

  assert.equal(firstText(await client.callTool({ name: 'whoami' })), String(remote.process.pid));
  assert.equal(await session.call('echo', { value: 'again' }), 'again');
});

test('another gateway with other keys does not know the sessions', async (t) => {
  const remote = await startReplica(t);
  const config = { servers: [{ name: 'remote', url: remote.url }] };
  const [one, other] = [await startGateway(t, { config }), await startGateway(t, { config })];
  const session = await Session.open(one.endpoint('remote'));
  const stranger = Session.resume(other.endpoint('remote'), session.id);
  assert.equal((await stranger.request('tools/list')).status, 404);
});

test('adapters made through the API are there after a restart', async (t) => {
  const stateDir = await temporaryDirectory(t);
  const first = await startGateway(t, { stateDir });
  const made = await first.api('POST', '/adapters', { name: 'kept', url: 'http://127.0.0.1:9/mcp', description: 'Stays.' });
  assert.equal(made.status, 201);
  const before = await first.json('/adapters/kept');
  await first.kill();

  const second = await startGateway(t, { stateDir });
  assert.deepEqual(await second.json('/adapters/kept'), before);
  assert.equal((await second.api('DELETE', '/adapters/kept')).status, 204);
  assert.deepEqual(await second.stop(), { code: 0, signal: null });

  const third = await startGateway(t, { stateDir });
  assert.equal((await third.api('GET', '/adapters/kept')).status, 404);
});

test('the gateway starts with 1,000 stored adapters', async (t) => {
  const stateDir = await temporaryDirectory(t);
  const first = await startGateway(t, { stateDir });
  for (let start = 0; start < 1000; start += 50) {
    const batch = Array.from({ length: 50 }, (_, index) =>
      first.api('POST', '/adapters', { name: `adapter-${start + index}`, url: `http://127.0.0.1:9/${start + index}` }),
    );
    for (const response of await Promise.all(batch)) assert.equal(response.status, 201);
  }
  await first.stop();

  const started = performance.now();
  const second = await startGateway(t, { stateDir });
  t.diagnostic(`from start of the process to listening: ${Math.round(performance.now() - started)} ms`);
  const some = await second.api('GET', '/adapters/adapter-999');
  assert.equal(some.status, 200);
});

/** An upstream whose tool calls wait for the test. */
async function slowUpstream(t: Parameters<typeof startGateway>[0]) {
  const waiting: Exchange[] = [];
  const upstream = await Upstream.start(t, withHandshake((exchange) => void waiting.push(exchange)));
  return { upstream, waiting };
}

test('SIGTERM lets a running request finish and takes no new connections', async (t) => {
  const { upstream, waiting } = await slowUpstream(t);
  const gateway = await startGateway(t, { config: { servers: [{ name: 'slow', federated: false, url: upstream.url }] } });
  const session = await Session.open(gateway.endpoint('slow'));
  const call = session.request('tools/call', { name: 'any', arguments: {} });
  const exchange = await eventually('the call is upstream', () => waiting[0]);

  gateway.process.signal('SIGTERM');
  await eventually('new connections are refused', async () => {
    const refused = await fetch(gateway.url).then((response) => response.arrayBuffer().then(() => false), () => true);
    return refused;
  });
  assert.equal(gateway.process.exit, undefined, 'it waits for the request');

  exchange.result({ content: [{ type: 'text', text: 'finished' }] });
  const reply = await within(5_000, 'the answer', call);
  assert.equal(reply.status, 200);
  assert.match(reply.text, /finished/);
  assert.deepEqual(await within(5_000, 'the end', gateway.process.exited), { code: 0, signal: null });
});

test('SIGTERM does not wait for idle connections and open streams without end', async (t) => {
  const upstream = await Upstream.start(
    t,
    withHandshake((exchange) => exchange.startEvents()),
  );
  const gateway = await startGateway(t, {
    config: { http: { drainTimeout: '1s' }, servers: [{ name: 'remote', url: upstream.url }] },
  });
  const session = await Session.open(gateway.endpoint('remote'));
  const stream = await fetch(session.url, { headers: { ...session.headers, accept: 'text/event-stream' } });
  assert.equal(stream.status, 200);
  const idle = new RawConnection(t, gateway.port);
  idle.write('GET /ping HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await idle.read((text) => text.includes('200'));

  gateway.process.signal('SIGTERM');
  await within(2_000, 'the idle connection to close', idle.closed);
  assert.deepEqual(await within(10_000, 'the end', gateway.process.exited), { code: 0, signal: null });
  await stream.body?.cancel().catch(() => {});
});
