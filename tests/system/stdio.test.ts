// stdio servers behind HTTP: one child per session or one for all, watched over, never left behind.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSteps, connectV1, connectV2, firstText, MODERN } from './harness/clients.ts';
import { everythingServer, exampleServer, nodeServer, replicaServer, startGateway } from './harness/gateway.ts';
import { cpuMilliseconds, descendants, isAlive } from './harness/processes.ts';
import { eventually } from './harness/wait.ts';
import { LEGACY_INITIALIZE, modernRequest, post, Session } from './harness/wire.ts';

test('every session has its own process, which ends with the session', async (t) => {
  const gateway = await startGateway(t, { config: { servers: [replicaServer('child', '--stdio')] } });
  const sessions = await Promise.all(Array.from({ length: 4 }, () => Session.open(gateway.endpoint('child'))));
  const pids = await Promise.all(sessions.map((session) => session.call('whoami')));
  assert.equal(new Set(pids).size, 4);
  for (const [index, session] of sessions.entries()) assert.equal(await session.call('whoami'), pids[index]);

  const family = descendants(gateway.process.pid).filter(({ pid }) => pids.includes(String(pid)));
  assert.equal(family.length, 4);
  await Promise.all(sessions.map((session) => session.end()));
  await eventually('the processes ended', () => !family.some(isAlive));
  assert.equal((await sessions[0]!.request('ping')).status, 404);
});

test('a process that dies ends its session with 404, and a new session gets a new process', async (t) => {
  const gateway = await startGateway(t, { config: { servers: [replicaServer('child', '--stdio')] } });
  const session = await Session.open(gateway.endpoint('child'));
  const pid = await session.call('whoami');
  const pending = session.request('tools/call', { name: 'echo', arguments: { value: 'never', ms: 60_000 } });
  await new Promise((resolve) => setImmediate(resolve));
  process.kill(Number(pid), 'SIGKILL');

  const answer = await pending;
  assert.ok(answer.status !== 500 && (answer.status >= 400 || answer.messages.at(-1)?.error), answer.text);
  await eventually('404', async () => (await session.request('ping')).status === 404);
  const next = await Session.open(gateway.endpoint('child'));
  assert.notEqual(await next.call('whoami'), pid);
});

test('there are never more processes than allowed, and the refusal says why', async (t) => {
  const gateway = await startGateway(t, {
    config: { servers: [replicaServer('child', '--stdio', { limits: { maxSessions: 2 } })] },
  });
  const sessions = [await Session.open(gateway.endpoint('child')), await Session.open(gateway.endpoint('child'))];
  await assert.rejects(Session.open(gateway.endpoint('child')), /(429|503)[^]*session/i);
  await sessions[0]!.end();
  await eventually('a free place', () => Session.open(gateway.endpoint('child')));
});

test('idle sessions are ended', async (t) => {
  const gateway = await startGateway(t, {
    config: { servers: [replicaServer('child', '--stdio', { limits: { idleTimeout: '1s' } })] },
  });
  const session = await Session.open(gateway.endpoint('child'));
  const pid = Number(await session.call('whoami'));
  const child = descendants(gateway.process.pid).find((each) => each.pid === pid)!;
  await eventually('the process ended', () => !isAlive(child));
  assert.equal((await session.request('ping')).status, 404);
});

test('clients of a shared process get their own answers, progress and ids', async (t) => {
  const gateway = await startGateway(t, {
    config: { servers: [replicaServer('shared', '--stdio', { session: 'shared' })] },
  });
  await gateway.ready('shared');
  const clients = await Promise.all(Array.from({ length: 6 }, () => connectV1(t, gateway.endpoint('shared'))));
  const pids = await Promise.all(clients.map(async (client) => firstText(await client.callTool({ name: 'whoami' }))));
  assert.equal(new Set(pids).size, 1, 'one process for all');

  // All clients of the SDK count their requests and progress tokens from 0: they collide unless they are re-mapped.
  await Promise.all(
    clients.map(async (client, index) => {
      const label = `client ${index}`;
      const seen: { progress: number; message?: string }[] = [];
      const call = { name: 'steps', arguments: { label, steps: 10, ms: 5 } };
      const result = await client.callTool(call, undefined, { onprogress: (each) => void seen.push(each) });
      assert.equal(firstText(result), label);
      assertSteps(seen.map((each) => each.progress), 10);
      for (const { message } of seen) assert.equal(message, label);
    }),
  );

  const exotic = await Session.open(gateway.endpoint('shared'));
  for (const id of ['text', 7, 9007199254740991, '', 'ünï']) {
    const response = await fetch(exotic.url, {
      method: 'POST',
      headers: { ...exotic.headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list' }),
    });
    const text = await response.text();
    assert.ok(text.includes(`"id":${JSON.stringify(id)}`), `${JSON.stringify(id)}: ${text.slice(0, 200)}`);
  }
});

test('one client of a shared process leaves without disturbing the others', async (t) => {
  const gateway = await startGateway(t, {
    config: { servers: [replicaServer('shared', '--stdio', { session: 'shared' })] },
  });
  await gateway.ready('shared');
  const [leaving, staying] = [await Session.open(gateway.endpoint('shared')), await Session.open(gateway.endpoint('shared'))];
  const leave = new AbortController();
  const call = { name: 'echo', arguments: { value: 'x', ms: 60_000 } };
  const abandoned = leaving.stream('tools/call', call, { signal: leave.signal }).catch(() => undefined);
  const slow = staying.call('echo', { value: 'answer', ms: 300 });
  leave.abort();
  await abandoned;
  await leaving.end();
  assert.equal(await slow, 'answer');
  assert.equal((await leaving.request('ping')).status, 404);
  assert.equal(await staying.call('echo', { value: 'still' }), 'still');
});

test('a modern client works with a modern stdio server', async (t) => {
  const server = nodeServer('example', 'sample-servers/mcp-example/src/main.ts', ['--stdio'], { transport: 'stdio' });
  const gateway = await startGateway(t, { config: { servers: [server] } });
  await gateway.ready('example');
  const client = await connectV2(t, gateway.endpoint('example'), MODERN);
  assert.equal(firstText(await client.callTool({ name: 'add', arguments: { a: 1, b: 2 } })), '3');
  const seen: number[] = [];
  const call = { name: 'countdown', arguments: { from: 3, interval: 10 } };
  await client.callTool(call, { onprogress: ({ progress }) => void seen.push(progress) });
  assertSteps(seen, 3);
  const unknown = await modernRequest(gateway.endpoint('example'), 'no/such/method');
  assert.equal(unknown.status, 404);
  assert.equal(unknown.messages[0]?.error?.code, -32601);
});

test('server requests reach the client whose request caused them', async (t) => {
  for (const session of ['per-session', 'shared']) {
    const gateway = await startGateway(t, { config: { servers: [everythingServer({ session })] } });
    await gateway.ready('everything');
    const { CreateMessageRequestSchema } = await import('@modelcontextprotocol/sdk/types.js');
    const ask = async (answer: string): Promise<string> => {
      const client = await connectV1(t, gateway.endpoint('everything'));
      client.setRequestHandler(CreateMessageRequestSchema, () => ({
        model: 'none',
        role: 'assistant' as const,
        content: { type: 'text' as const, text: answer },
      }));
      const call = { name: 'trigger-sampling-request', arguments: { prompt: 'Say who you are', maxTokens: 10 } };
      return firstText(await client.callTool(call));
    };
    const answers = await Promise.all(['first client', 'second client', 'third client'].map(ask));
    for (const [index, name] of ['first', 'second', 'third'].entries()) {
      assert.match(answers[index]!, new RegExp(`${name} client`), `${session}: ${answers[index]}`);
    }
  }
});

test('a server that keeps crashing is visible, and costs next to nothing', async (t) => {
  const gateway = await startGateway(t, {
    config: {
      servers: [
        {
          name: 'crashing',
          command: process.execPath,
          args: ['-e', 'console.error("cannot find my key"); process.exit(3)'],
          transport: 'stdio',
          session: 'shared',
        },
        { name: 'missing', command: '/no/such/program', transport: 'http' },
        exampleServer(),
      ],
    },
  });
  await gateway.ready('example');

  const missing = await gateway.status('missing');
  assert.equal(missing.readyReplicas, 0);
  assert.equal(missing.replicaStatus, 'Degraded: 0/1 ready');
  assert.match(JSON.stringify(missing.instances), /\/no\/such\/program/);

  // A stdio server starts when somebody comes: what they get names the reason.
  const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: LEGACY_INITIALIZE };
  const answer = await (await post(gateway.endpoint('crashing'), initialize)).text();
  assert.match(answer, /status 3/);
  await eventually('the crash is visible', async () => {
    const status = await gateway.status('crashing');
    assert.equal(status.readyReplicas, 0);
    assert.match(status.replicaStatus, /^Degraded: 0\/1 ready$/);
    assert.match(JSON.stringify(status.instances), /status 3/);
    return true;
  });
  const logs = await (await gateway.api('GET', '/adapters/crashing/logs')).text();
  assert.match(logs, /cannot find my key/);
  const again = await post(gateway.endpoint('crashing'), initialize);
  assert.match(`${again.status} ${await again.text()}`, /503|status 3/);

  // Restarts back off: two seconds of a crash loop cost little processor time and few processes.
  const before = cpuMilliseconds(gateway.process.pid);
  const started = performance.now();
  await eventually('two seconds', () => performance.now() - started > 2_000, { interval: 200 });
  const used = cpuMilliseconds(gateway.process.pid) - before;
  assert.ok(used < 500, `used ${used} ms of processor time in two seconds`);
});

test('no child outlives a gateway that was killed', async (t) => {
  const gateway = await startGateway(t, {
    config: {
      servers: [
        exampleServer({ replicaCount: 2 }),
        replicaServer('child', '--stdio'),
        {
          name: 'stubborn',
          command: process.execPath,
          args: [
            '-e',
            `process.on('SIGTERM', () => {}); process.on('SIGHUP', () => {}); process.stdin.resume();
             require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
             setInterval(() => {}, 1000);`,
          ],
          transport: 'stdio',
          session: 'shared',
        },
      ],
    },
  });
  await gateway.ready('example', 2);
  for (let count = 0; count < 3; ++count) await (await Session.open(gateway.endpoint('child'))).call('whoami');
  const family = await eventually('all children and the grandchild', () => {
    const all = descendants(gateway.process.pid);
    return all.length >= 7 && all;
  });

  await gateway.kill();
  const killed = performance.now();
  await eventually('all are gone', () => !family.some(isAlive), { deadline: 1_000 });
  t.diagnostic(`${family.length} processes were gone after ${Math.round(performance.now() - killed)} ms`);
});

test('SIGTERM ends the children too, politely', async (t) => {
  const gateway = await startGateway(t, { config: { servers: [exampleServer(), replicaServer('child', '--stdio')] } });
  await gateway.ready('example');
  await Session.open(gateway.endpoint('child'));
  const family = descendants(gateway.process.pid);
  assert.ok(family.length >= 2);
  assert.deepEqual(await gateway.stop(), { code: 0, signal: null }, gateway.process.output);
  assert.ok(!family.some(isAlive));
});
