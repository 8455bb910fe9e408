// The official clients, both SDK generations and both eras, work with the sample servers through the gateway.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { assertSteps, connectV1, connectV2, firstText, MODERN, type Era } from './harness/clients.ts';
import { everythingServer, exampleServer, startGateway, type Gateway } from './harness/gateway.ts';
import { suiteScope } from './harness/scope.ts';

const names = (items: { name: string }[]): string[] => items.map((item) => item.name).sort();

describe('official clients', () => {
  const scope = suiteScope();
  let gateway: Gateway;

  before(async () => {
    gateway = await startGateway(scope, { config: { servers: [exampleServer({ replicaCount: 2 }), everythingServer()] } });
    await gateway.ready('example', 2);
    await gateway.ready('everything');
  });

  test('SDK v1 works with an HTTP server', async (t) => {
    const client = await connectV1(t, gateway.endpoint('example'));
    assert.equal(client.getServerVersion()?.name, 'mcp-example');
    assert.deepEqual(names((await client.listTools()).tools), ['add', 'countdown']);
    const sum = await client.callTool({ name: 'add', arguments: { a: 2, b: 40 } });
    assert.deepEqual(sum.structuredContent, { sum: 42 });
    const about = await client.readResource({ uri: 'example://about' });
    assert.match(JSON.stringify(about.contents), /mcp-example/);
    const prompt = await client.getPrompt({ name: 'greet', arguments: { name: 'Ada' } });
    assert.match(JSON.stringify(prompt.messages), /Ada/);
  });

  for (const [label, era] of [['legacy', 'legacy'], ['modern', MODERN], ['negotiated', 'auto']] as [string, Era][]) {
    test(`SDK v2 works with an HTTP server, ${label} protocol`, async (t) => {
      const client = await connectV2(t, gateway.endpoint('example'), era);
      assert.equal(client.getProtocolEra(), era === 'legacy' ? 'legacy' : 'modern');
      assert.deepEqual(names((await client.listTools()).tools), ['add', 'countdown']);
      assert.equal(firstText(await client.callTool({ name: 'add', arguments: { a: 20, b: 22 } })), '42');
    });
  }

  test('progress reaches the client step by step', async (t) => {
    for (const client of [
      await connectV1(t, gateway.endpoint('example')),
      await connectV2(t, gateway.endpoint('example'), MODERN),
    ]) {
      const seen: number[] = [];
      const onprogress = ({ progress }: { progress: number }): void => void seen.push(progress);
      const call = { name: 'countdown', arguments: { from: 4, interval: 20 } };
      // The two generations differ in where the options stand.
      const result =
        'getProtocolEra' in client
          ? await client.callTool(call, { onprogress })
          : await client.callTool(call, undefined, { onprogress });
      assert.equal(firstText(result), 'Lift-off.');
      assertSteps(seen, 4);
    }
  });

  test('SDK v1 works with a stdio server', async (t) => {
    const client = await connectV1(t, gateway.endpoint('everything'));
    const { tools } = await client.listTools();
    assert.ok(names(tools).includes('echo'), names(tools).join());
    assert.match(firstText(await client.callTool({ name: 'echo', arguments: { message: 'hello' } })), /hello/);
    assert.ok((await client.listResources()).resources.length > 0);
    assert.ok((await client.listPrompts()).prompts.length > 0);
  });

  test('SDK v2 works with a stdio server of the other era when it may negotiate', async (t) => {
    for (const era of ['legacy', 'auto'] as const) {
      const client = await connectV2(t, gateway.endpoint('everything'), era);
      assert.match(firstText(await client.callTool({ name: 'echo', arguments: { message: 'hi' } })), /hi/);
    }
  });

  test('a client that ends its session gets nothing more from it', async (t) => {
    for (const adapter of ['example', 'everything']) {
      const client = await connectV1(t, gateway.endpoint(adapter));
      const { sessionId } = client.transport!;
      await (client.transport as unknown as { terminateSession(): Promise<void> }).terminateSession();
      const again = await fetch(gateway.endpoint(adapter), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-session-id': sessionId!,
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
      });
      assert.equal(again.status, 404, adapter);
      await again.arrayBuffer();
    }
  });
});
