// HTTP+SSE, the transport of 2024-11-05: old clients reach servers of every kind, and old servers are reached.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { assertSteps, connectSse, firstText } from './harness/clients.ts';
import { startEverything } from './harness/everything.ts';
import { everythingServer, startGateway, type Gateway } from './harness/gateway.ts';
import { suiteScope } from './harness/scope.ts';
import { Upstream } from './harness/upstream.ts';
import { within } from './harness/wait.ts';
import { serverEvents } from './harness/wire.ts';

describe('HTTP+SSE clients', () => {
  const scope = suiteScope();
  let gateway: Gateway;

  before(async () => {
    const url = await startEverything(scope, 'sse');
    gateway = await startGateway(scope, {
      config: { servers: [{ name: 'old', url, transport: 'sse' }, everythingServer()] },
    });
    await gateway.ready('everything');
  });

  for (const adapter of ['old', 'everything']) {
    test(`work with ${adapter === 'old' ? 'an HTTP+SSE' : 'a stdio'} server`, async (t) => {
      const client = await connectSse(t, gateway.endpoint(adapter, 'sse'));
      assert.ok((await client.listTools()).tools.length > 5);
      assert.match(firstText(await client.callTool({ name: 'echo', arguments: { message: 'old times' } })), /old times/);
      const progress: number[] = [];
      const call = { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps: 4 } };
      await client.callTool(call, undefined, { onprogress: (each) => void progress.push(each.progress) });
      assertSteps(progress, 4);
    });

    test(`several at once get their own answers from ${adapter}`, async (t) => {
      const clients = await Promise.all(Array.from({ length: 8 }, () => connectSse(t, gateway.endpoint(adapter, 'sse'))));
      const answers = await Promise.all(
        clients.map((client, index) => client.callTool({ name: 'echo', arguments: { message: `mine ${index}` } })),
      );
      for (const [index, answer] of answers.entries()) assert.match(firstText(answer), new RegExp(`mine ${index}$`));
    });
  }

  test('are sent to an address of the gateway, and to no session that they did not open', async () => {
    for (const adapter of ['old', 'everything']) {
      const leave = new AbortController();
      const stream = await fetch(gateway.endpoint(adapter, 'sse'), {
        headers: { accept: 'text/event-stream' },
        signal: leave.signal,
      });
      assert.equal(stream.headers.get('content-type'), 'text/event-stream');
      const { value } = await within(5_000, 'the endpoint event', serverEvents(stream.body!).next());
      assert.equal(value!.event, 'endpoint');
      const address = new URL(value!.data, gateway.url);
      assert.equal(address.origin, new URL(gateway.url).origin);
      assert.ok(address.pathname.startsWith(`/adapters/${adapter}/messages`), address.href);

      const send = async (to: URL): Promise<number> => {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(to, { method: 'POST', headers, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' });
        await response.arrayBuffer();
        return response.status;
      };
      assert.equal(await send(address), 202, adapter);
      assert.equal(await send(new URL(`/adapters/${adapter}/messages?sessionId=nobody`, gateway.url)), 404, adapter);
      assert.ok([400, 404].includes(await send(new URL(`/adapters/${adapter}/messages`, gateway.url))), adapter);
      leave.abort();
    }
  });
});

test('an old server that announces an endpoint elsewhere is not followed', async (t) => {
  let visits = 0;
  const elsewhere = await Upstream.start(t, (exchange) => {
    ++visits;
    exchange.json({}, 202);
  });
  const old = await Upstream.start(t, (exchange) => {
    exchange.startEvents();
    exchange.event(`${elsewhere.url}?sessionId=1`, 'endpoint');
  });
  const gateway = await startGateway(t, { config: { servers: [{ name: 'old', url: old.url, transport: 'sse' }] } });
  const stream = await fetch(gateway.endpoint('old', 'sse'), { headers: { accept: 'text/event-stream' } });
  const text = await within(5_000, 'the end of the stream', stream.text().catch(() => ''));
  assert.doesNotMatch(text, /event: ?endpoint/);
  assert.equal(visits, 0);
});
