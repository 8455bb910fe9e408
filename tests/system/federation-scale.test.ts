// Thousands of tools of dozens of servers: complete, in pages, and none twice.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { connectV1, connectV2, firstText, MODERN } from './harness/clients.ts';
import { callTool, federatedServer, federation, listAll, mcp, resultOf, startFederation, toolNames } from './harness/federation.ts';
import type { Gateway } from './harness/gateway.ts';
import { LightServer, tool } from './harness/light-server.ts';
import { suiteScope } from './harness/scope.ts';
import { eventually } from './harness/wait.ts';
import { modernRequest } from './harness/wire.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A tool of ordinary size. */
const sized = (name: string): object =>
  tool(name, {
    title: `Title of ${name}`,
    description: `${name} looks something up in the records of the department and says what it found there.`,
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'string', description: 'What to look for' }, limit: { type: 'integer', minimum: 1 } },
      required: ['query'],
    },
  });

describe('3,000 tools of 60 servers', () => {
  const scope = suiteScope();
  const expected = numbers(60).flatMap((server) => numbers(50).map((index) => `s${server}-t${index}`)).sort();
  let gateway: Gateway;

  before(async () => {
    const servers = await Promise.all(
      numbers(60).map((server) =>
        LightServer.start(scope, `server-${server}`, {
          era: server % 2 ? 'modern' : 'legacy',
          tools: numbers(50).map((index) => sized(`s${server}-t${index}`)),
          pageSize: 20,
        }),
      ),
    );
    gateway = await startFederation(scope, servers.map((server) => server.config()));
  });

  test('/status counts them', async () => {
    const { items, estimatedTokens, hidden, servers } = await federation(gateway);
    assert.equal(items.tools, 3_000);
    assert.deepEqual(hidden, []);
    assert.ok(servers.every(({ tools }) => tools === 50));
    const bytes = (await listAll(mcp(gateway), 'tools')).reduce((sum, item) => sum + JSON.stringify(item).length, 0);
    assert.ok(Math.abs(estimatedTokens - bytes / 4) < 3_000, `${estimatedTokens} tokens for ${bytes} bytes`);
  });

  test('SDK v1 follows the pages', async (t) => {
    const client = await connectV1(t, mcp(gateway));
    const names: string[] = [];
    let pages = 0;
    for (let cursor: string | undefined; ; ) {
      const page = await client.listTools(cursor === undefined ? {} : { cursor });
      names.push(...page.tools.map(({ name }) => name));
      ++pages;
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    assert.equal(pages, 3);
    assert.deepEqual(names, expected);
  });

  for (const era of ['legacy', MODERN] as const) {
    test(`SDK v2 gets all of them, ${era === 'legacy' ? 'legacy' : 'modern'}`, async (t) => {
      const client = await connectV2(t, mcp(gateway), era);
      assert.deepEqual((await client.listTools()).tools.map(({ name }) => name), expected);
      for (const server of [0, 31, 59]) {
        const result = await client.callTool({ name: `s${server}-t7`, arguments: { query: 'x' } });
        assert.equal(firstText(result), `s${server}-t7 of server-${server}`);
      }
    });
  }

  test('calls at once reach their servers', async () => {
    const names = numbers(240).map((index) => `s${index % 60}-t${index % 50}`);
    const answers = await Promise.all(names.map((name) => callTool(mcp(gateway), name, { query: name })));
    assert.deepEqual(answers.map(firstText), names.map((name) => `${name} of server-${/\d+/.exec(name)![0]}`));
  });

  test('a cursor of somebody else is refused, and says so', async () => {
    for (const cursor of ['1', 'bm9uc2Vuc2U=', '']) {
      const { messages } = await modernRequest(mcp(gateway), 'tools/list', { cursor });
      if (cursor === '') continue;
      assert.equal(messages[0]!.error?.code, -32602);
      assert.match(messages[0]!.error!.message, /cursor/);
    }
  });
});

test('the length of pages is configured, and cursors survive changes', async (t) => {
  const server = await LightServer.start(t, 'server', { tools: numbers(25).map((index) => tool(`tool-${index + 10}`)) });
  const gateway = await startFederation(t, [server.config()], { federation: { pageSize: 10 } });
  const page = async (cursor?: string): Promise<{ names: string[]; cursor: string }> => {
    const result = resultOf(await modernRequest(mcp(gateway), 'tools/list', cursor === undefined ? {} : { cursor }));
    return { names: result.tools.map(({ name }: { name: string }) => name), cursor: result.nextCursor };
  };
  const first = await page();
  assert.equal(first.names.length, 10);
  const after = first.names.at(-1);

  // Some before and some after the cursor, the tool that it names among those that go.
  const kept = numbers(25).map((index) => `tool-${index + 10}`).filter((name) => name !== after && name !== 'tool-12');
  server.items.tools = ['tool-00', ...kept, 'tool-99'].map((name) => tool(name));
  await eventually('a stream of the gateway', () => server.listeners > 0);
  server.announce('tools');
  await eventually('the change', async () => (await toolNames(mcp(gateway))).includes('tool-99'));

  const second = await page(first.cursor);
  const third = await page(second.cursor);
  const rest = [...second.names, ...third.names];
  assert.deepEqual(rest, [...kept.filter((name) => name > after!), 'tool-99']);
  assert.equal(third.cursor, undefined);
});

test('a server that lists 400 pages is listed to the end, and keeps nobody waiting', async (t) => {
  const wordy = await LightServer.start(t, 'wordy', {
    tools: numbers(800).map((index) => tool(`w${index}`)),
    resources: numbers(800).map((index) => ({ uri: `wordy://${index}`, name: `r${index}` })),
    pageSize: 2,
  });
  const quick = await LightServer.start(t, 'quick', { tools: [tool('quick')] });
  const gateway = await startFederation(t, [wordy.config(), quick.config()]);
  assert.equal(wordy.calls('tools/list').length, 400);
  assert.equal((await toolNames(mcp(gateway))).length, 801);
  assert.equal((await listAll(mcp(gateway), 'resources')).length, 800);
  assert.equal((await federatedServer(gateway, 'wordy')).tools, 800);
});
