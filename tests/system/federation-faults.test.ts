// Servers that hang, die, talk nonsense or are not there: what the others offer is not touched, and it is said what is wrong.

import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { connectV1, firstText } from './harness/clients.ts';
import { callTool, federatedServer, federation, mcp, resultOf, startFederation, toolNames, untilListed } from './harness/federation.ts';
import { replicaServer, startGateway } from './harness/gateway.ts';
import { LightServer, textContent, tool } from './harness/light-server.ts';
import { Upstream, withHandshake, type Exchange } from './harness/upstream.ts';
import { eventually, within } from './harness/wait.ts';
import { modernRequest, Session } from './harness/wire.ts';

const good = (t: TestContext): Promise<LightServer> => LightServer.start(t, 'good', { tools: [tool('fine')] });

describe('a server that hangs', () => {
  test('from the first request on keeps no list and no call of others waiting', async (t) => {
    const silent = await Upstream.start(t, () => {});
    const server = await good(t);
    const gateway = await startGateway(t, { config: { servers: [{ name: 'silent', url: silent.url }, server.config()] } });
    await untilListed(gateway, ['good']);
    await eventually('a question to the server that hangs', () => silent.exchanges.length > 0);
    // All of this happens while it does not answer.
    const session = await Session.open(mcp(gateway));
    for (let round = 0; round < 20; ++round) {
      assert.deepEqual(await toolNames(mcp(gateway)), ['fine']);
      assert.equal(await session.call('fine'), 'fine of good');
    }
    assert.ok(silent.exchanges.every(({ response }) => !response.writableEnded));
    assert.equal((await federatedServer(gateway, 'silent')).state, 'starting');
  });

  for (const era of ['legacy', 'modern'] as const) {
    test(`in a call keeps no other call waiting, ${era}`, async (t) => {
      const held: Exchange[] = [];
      const hanging = await LightServer.start(t, 'hanging', {
        era,
        tools: [tool('hang')],
        answer: (exchange) => void held.push(exchange),
      });
      const server = await good(t);
      const gateway = await startFederation(t, [hanging.config(), server.config()]);
      const session = await Session.open(mcp(gateway));
      let answered = 0;
      const waiting = Array.from({ length: 16 }, () => session.call('hang').then((text) => (++answered, text)));
      await eventually('all calls at the server that hangs', () => held.length === waiting.length);
      for (let round = 0; round < 50; ++round) {
        assert.equal(await session.call('fine'), 'fine of good');
        assert.deepEqual(await toolNames(mcp(gateway)), ['fine', 'hang']);
      }
      assert.equal(answered, 0);
      for (const exchange of held) exchange.result({ ...textContent('at last'), resultType: 'complete' });
      assert.deepEqual(new Set(await Promise.all(waiting)), new Set(['at last']));
    });
  }

  test('while it lists keeps what it listed before', async (t) => {
    let hangs = false;
    const server = await LightServer.start(t, 'server', { tools: [tool('first')] });
    const other = await good(t);
    const gateway = await startFederation(t, [server.config(), other.config()]);
    await eventually('a stream of the gateway', () => server.listeners > 0);
    const list = server.list;
    server.list = (exchange) => (hangs ? undefined : list(exchange));
    hangs = true;
    const before = server.calls('tools/list').length;
    server.announce('tools');
    await eventually('a list that hangs', () => server.calls('tools/list').length > before);
    assert.deepEqual(await toolNames(mcp(gateway)), ['fine', 'first']);
    other.items.tools.push(tool('new'));
    other.announce('tools');
    await eventually('the change of the other', async () => (await toolNames(mcp(gateway))).includes('new'));
  });

  test('is given up after limits.callTimeout, and the result says so', async (t) => {
    const hanging = await LightServer.start(t, 'hanging', { tools: [tool('hang')], answer: () => {} });
    const gateway = await startFederation(t, [hanging.config({ limits: { callTimeout: '300ms' } })]);
    const result = await callTool(mcp(gateway), 'hang');
    assert.equal(result.isError, true);
    assert.match(firstText(result), /hanging.*300 ms.*callTimeout/);
  });
});

describe('a server that dies', () => {
  for (const mode of ['--http', '--stdio'] as const) {
    test(`in a call is named in its result; the session goes on when it is back, ${mode.slice(2)}`, async (t) => {
      const server = await good(t);
      const more = mode === '--stdio' ? { session: 'shared' } : {};
      const gateway = await startFederation(t, [replicaServer('mortal', mode, more), server.config()]);
      const client = await connectV1(t, mcp(gateway));
      const pid = async (): Promise<number> => Number(firstText(await client.callTool({ name: 'whoami', arguments: {} })));
      const first = await pid();
      let alive = true;
      const die = (): void => {
        if (alive) process.kill(first, 'SIGKILL');
        alive = false;
      };
      const steps = { name: 'steps', arguments: { label: 'x', steps: 1_000, ms: 20 } };
      const call = client.callTool(steps, undefined, { onprogress: die });
      const ended = await within(20_000, 'the end of the call', call.catch((error: Error) => error));
      if (mode === '--http') {
        assert.equal((ended as { isError?: boolean }).isError, true);
        assert.match(firstText(ended), /adapter 'mortal'/);
      } else {
        // The bridge knows how its child ended, and answers what is under way.
        assert.match((ended as Error).message, /adapter 'mortal': its server has ended before it answered: it was killed by SIGKILL/);
      }
      assert.equal(firstText(await client.callTool({ name: 'fine', arguments: {} })), 'fine of good');
      const second = await eventually('an answer of the new process', pid, { deadline: 20_000 });
      assert.notEqual(second, first);
    });
  }

  for (const era of ['legacy', 'modern'] as const) {
    test(`and breaks off its answer is named in the result, ${era}`, async (t) => {
      const mortal = await LightServer.start(t, 'mortal', {
        era,
        tools: [tool('half'), tool('nothing')],
        answer: (exchange) => {
          if (exchange.message.params.name === 'half') {
            exchange.startEvents();
            exchange.response.write('data: {"jsonrpc":"2.0",');
          }
          exchange.response.socket!.destroySoon();
        },
      });
      const server = await good(t);
      const gateway = await startFederation(t, [mortal.config(), server.config()]);
      for (const name of ['half', 'nothing']) {
        const result = await callTool(mcp(gateway), name);
        assert.equal(result.isError, true);
        assert.match(firstText(result), /adapter 'mortal'/);
      }
      assert.equal(firstText(await callTool(mcp(gateway), 'fine')), 'fine of good');
      // Neither says that twice is harmless.
      assert.equal(mortal.calls('tools/call').length, 2);
    });
  }

  test('and lost its sessions is asked again, and subscriptions are restored', async (t) => {
    const server = await LightServer.start(t, 'server', { tools: [tool('work')], resources: [{ uri: 'light://one', name: 'one' }] });
    const gateway = await startFederation(t, [server.config()]);
    const client = await connectV1(t, mcp(gateway));
    await client.subscribeResource({ uri: 'light://one' });
    await eventually('the subscription', () => server.subscribed.has('light://one'));
    assert.equal(firstText(await client.callTool({ name: 'work', arguments: {} })), 'work of server');
    server.subscribed.clear();
    server.forgetSessions();
    assert.equal(firstText(await client.callTool({ name: 'work', arguments: {} })), 'work of server');
    await eventually('the subscription again', () => server.subscribed.has('light://one'));
  });
});

describe('a server that talks nonsense', () => {
  const list = (text: string) => (exchange: Exchange) => exchange.rawResult(text);
  const cases: { what: string; script: (exchange: Exchange) => unknown; error: RegExp }[] = [
    { what: 'HTML', script: (exchange) => exchange.text('<html>hello</html>', 200, { 'content-type': 'text/html' }), error: /without a message of the protocol/ },
    { what: 'text that claims to be JSON', script: (exchange) => exchange.text('hello'), error: /JSON|message/ },
    { what: 'bytes that are no text', script: (exchange) => exchange.text(Buffer.from([0xff, 0xfe, 0x00, 0x80])), error: /JSON|UTF-8|message/ },
    { what: 'nothing', script: (exchange) => exchange.text(''), error: /JSON|message|ended|complete/ },
    { what: 'the answer to another request', script: (exchange) => exchange.json({ jsonrpc: '2.0', id: 'other', result: { tools: [] } }), error: /id|answer/ },
    { what: 'a result that is no object', script: list('[]'), error: /result|object|list/ },
    { what: 'tools that are no list', script: list('{"tools":{"a":1}}'), error: /no list of tools/ },
    { what: 'a cursor that is a number', script: list('{"tools":[],"nextCursor":7}'), error: /cursor that is no string/ },
    { what: 'cursors in circles', script: list('{"tools":[],"nextCursor":"again"}'), error: /cursors for tools\/list go in circles/ },
    { what: 'nesting without end', script: list(`{"tools":[{"name":"deep","inputSchema":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}]}`), error: /nested|deep/ },
    { what: 'an error', script: (exchange) => exchange.json({ jsonrpc: '2.0', id: exchange.message.id, error: { code: -32603, message: 'out of order' } }), error: /out of order/ },
    { what: 'status 500', script: (exchange) => exchange.text('broken', 500, { 'content-type': 'text/plain' }), error: /500/ },
  ];

  test('when it is asked for its tools is reported, and the others are not touched', async (t) => {
    const servers = await Promise.all(
      cases.map(async ({ script }, index) => ({
        name: `bad-${index}`,
        url: (await Upstream.start(t, withHandshake((exchange) => (exchange.request.method === 'POST' ? script(exchange) : exchange.json({}, 405))))).url,
      })),
    );
    const endless = await Upstream.start(
      t,
      withHandshake((exchange) => exchange.result({ tools: [], nextCursor: String(Number(exchange.message.params?.cursor ?? 0) + 1) })),
    );
    const server = await good(t);
    const gateway = await startGateway(t, {
      config: { servers: [...servers, { name: 'endless', url: endless.url }, server.config()] },
    });
    await untilListed(gateway, ['good']);
    for (const [index, { what, error }] of cases.entries()) {
      const [status] = await untilListed(gateway, [`bad-${index}`], 'failed');
      assert.match(status!.error!, error, what);
      assert.ok(status!.attempts! > 0, what);
      assert.ok(Date.parse(status!.since) > 0, what);
    }
    const [status] = await untilListed(gateway, ['endless'], 'failed');
    assert.match(status!.error!, /more than 1000 pages/);
    assert.deepEqual(await toolNames(mcp(gateway)), ['fine']);
    assert.equal(firstText(await callTool(mcp(gateway), 'fine')), 'fine of good');
  });

  test('when it answers a call says so in the result, and names the server', async (t) => {
    const bad = await LightServer.start(t, 'bad', {
      tools: cases.map((_, index) => tool(`bad-${index}`)),
      answer: (exchange) => cases[Number(/\d+/.exec(exchange.message.params.name)![0])]!.script(exchange),
    });
    const gateway = await startFederation(t, [bad.config({ limits: { callTimeout: '2s' } })]);
    for (const [index, { what }] of cases.entries()) {
      const reply = await modernRequest(mcp(gateway), 'tools/call', { name: `bad-${index}`, arguments: {} });
      const { result, error } = reply.messages[0]!;
      if (what === 'an error') {
        assert.match(error!.message, /out of order/);
      } else if (!what.includes('tools') && !what.includes('cursor')) {
        assert.equal(result?.isError, true, `${what}: ${reply.text.slice(0, 400)}`);
        assert.match(firstText(result), /adapter 'bad'/, what);
      }
    }
  });

  test('about one item loses that item, and /status says why', async (t) => {
    const server = await LightServer.start(t, 'server', {
      tools: ['7', '{"name":""}', '{"description":"nameless"}', '{"name":"twice","name":"thrice"}', tool('fine'), tool('fine'), '{"name":"flat","inputSchema":[]}'],
    });
    const gateway = await startFederation(t, [server.config()]);
    assert.ok((await toolNames(mcp(gateway))).includes('fine'));
    const { hidden, items } = await federation(gateway);
    assert.equal(items.tools + hidden.length, 7);
    assert.ok(hidden.every((each) => each.server === 'server' && each.kind === 'tool' && each.detail !== ''));
    assert.equal(hidden.filter(({ why }) => why === 'conflict').map(({ name }) => name).join(), 'fine');
  });
});

describe('a server that is not there', () => {
  test('any more is known from its stream, long before the next poll', async (t) => {
    const gone = await LightServer.start(t, 'gone', { era: 'modern', tools: [tool('lost')] });
    const gateway = await startFederation(t, [gone.config()]);
    await eventually('a stream of the gateway', () => gone.listeners > 0);
    const begun = Date.now();
    await gone.stop();
    const [status] = await untilListed(gateway, ['gone'], 'stale');
    assert.match(status!.error!, /adapter 'gone'/);
    assert.ok(status!.attempts! > 0);
    assert.ok(Date.parse(status!.since) >= begun - 1_000);
    assert.deepEqual(await toolNames(mcp(gateway)), ['lost']);
  });

  test('is reported in /status with what was tried since when', async (t) => {
    const server = await good(t);
    const begun = Date.now();
    const gateway = await startGateway(t, {
      config: { servers: [{ name: 'absent', url: 'http://127.0.0.1:9/mcp' }, server.config()] },
    });
    await untilListed(gateway, ['good']);
    const absent = await eventually('two attempts', async () => {
      const status = await federatedServer(gateway, 'absent');
      return (status.attempts ?? 0) >= 2 && status;
    });
    assert.equal(absent.state, 'failed');
    assert.match(absent.error!, /absent.*127\.0\.0\.1:9|connect|refused/i);
    assert.ok(Date.parse(absent.since) >= begun - 1_000 && Date.parse(absent.since) <= Date.now());
    assert.deepEqual(await toolNames(mcp(gateway)), ['fine']);
  });

  test('any more is named in the result of a call, in both eras, and its tools stay for a while', async (t) => {
    const server = await good(t);
    const gone = await LightServer.start(t, 'gone', { tools: [tool('lost')], prompts: [{ name: 'ask' }] });
    const gateway = await startFederation(t, [gone.config(), server.config()]);
    await gone.stop();
    const session = await Session.open(mcp(gateway));
    const legacy = resultOf(await session.request('tools/call', { name: 'lost', arguments: {} }));
    for (const result of [legacy, await callTool(mcp(gateway), 'lost')]) {
      assert.equal(result.isError, true);
      assert.match(firstText(result), /adapter 'gone'/);
    }
    const prompt = (await session.request('prompts/get', { name: 'ask' })).messages[0]!;
    assert.match(prompt.error!.message, /adapter 'gone'/);
    assert.deepEqual(await toolNames(mcp(gateway)), ['fine', 'lost']);
    assert.equal(await session.call('fine'), 'fine of good');
  });
});
