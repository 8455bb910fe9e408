// A session stays with the replica that opened it; a replica that died takes only its own sessions with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectV1, connectV2, firstText, MODERN } from './harness/clients.ts';
import { replicaServer, startGateway } from './harness/gateway.ts';
import { eventually } from './harness/wait.ts';
import { modernRequest, Session } from './harness/wire.ts';

test('200 concurrent sessions stay with their replicas, and all three replicas work', async (t) => {
  const gateway = await startGateway(t, { config: { servers: [replicaServer('replicas', '--http', { federated: false, replicaCount: 3 })] } });
  await gateway.ready('replicas', 3);

  const visits = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const session = await Session.open(gateway.endpoint('replicas'));
      const pids = await Promise.all(Array.from({ length: 5 }, () => session.call('whoami')));
      pids.push(await session.call('whoami'));
      assert.ok([200, 204].includes(await session.end()));
      return pids;
    }),
  );

  for (const pids of visits) assert.equal(new Set(pids).size, 1, `one session, several replicas: ${pids.join()}`);
  const load = new Map<string, number>();
  for (const [pid] of visits) load.set(pid!, (load.get(pid!) ?? 0) + 1);
  assert.equal(load.size, 3, 'every replica has sessions');
  for (const sessions of load.values()) assert.ok(sessions >= 50, `sessions per replica: ${[...load.values()].join()}`);
});

test('a session id says nothing about the session behind it', async (t) => {
  const gateway = await startGateway(t, { config: { servers: [replicaServer('replicas', '--http', { federated: false })] } });
  await gateway.ready('replicas');
  const [first, second] = [await Session.open(gateway.endpoint('replicas')), await Session.open(gateway.endpoint('replicas'))];
  assert.notEqual(first.id, second.id);
  assert.match(first.id, /^[\x21-\x7e]+$/);
  // A session id of the server is a UUID: it must not show, neither as it is nor merely encoded.
  for (const text of [first.id, Buffer.from(first.id, 'base64').toString('latin1')]) {
    assert.doesNotMatch(text, /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/);
  }
});

test('forged, damaged and foreign session ids get 404', async (t) => {
  const gateway = await startGateway(t, {
    config: { servers: [replicaServer('one', '--http'), replicaServer('two', '--http')] },
  });
  await gateway.ready('one');
  await gateway.ready('two');
  const session = await Session.open(gateway.endpoint('one'));
  const flipped = session.id.slice(0, -3) + (session.id.at(-3) === 'A' ? 'B' : 'A') + session.id.slice(-2);
  for (const [what, id] of [
    ['forged', 'deadbeef'],
    ['of the server itself', '3b241101-e2bb-4255-8caf-4136c566a962'],
    ['damaged', flipped],
    ['cut', session.id.slice(0, -1)],
    ['lengthened', `${session.id}A`],
    ['huge', 'A'.repeat(4000)],
  ] as const) {
    const reply = await Session.resume(gateway.endpoint('one'), id).request('tools/list');
    assert.equal(reply.status, 404, what);
  }
  const foreign = await Session.resume(gateway.endpoint('two'), session.id).request('tools/list');
  assert.equal(foreign.status, 404, 'of another adapter');
  assert.equal(await session.call('echo', { value: 'still here' }), 'still here');
});

test('sessions of a killed replica get 404, the others go on, and a client can start again', async (t) => {
  const gateway = await startGateway(t, { config: { servers: [replicaServer('replicas', '--http', { federated: false, replicaCount: 2 })] } });
  await gateway.ready('replicas', 2);

  const client = await connectV1(t, gateway.endpoint('replicas'));
  const victim = firstText(await client.callTool({ name: 'whoami' }));
  const sessions = await Promise.all(Array.from({ length: 20 }, () => Session.open(gateway.endpoint('replicas'))));
  const homes = await Promise.all(sessions.map((session) => session.call('whoami')));
  assert.equal(new Set(homes).size, 2);

  process.kill(Number(victim), 'SIGKILL');

  // While the death is being noticed the answers may already be 404 or a refusal, but never a 500.
  await eventually('sessions of the dead replica are gone', async () => {
    const statuses = await Promise.all(
      sessions.map(async (session, index) => (homes[index] === victim ? (await session.request('ping')).status : 404)),
    );
    for (const status of statuses) assert.notEqual(status, 500);
    return statuses.every((status) => status === 404);
  });
  for (const [index, session] of sessions.entries()) {
    if (homes[index] !== victim) assert.equal(await session.call('whoami'), homes[index]);
  }

  const opened = await Session.open(gateway.endpoint('replicas'));
  assert.notEqual(await opened.call('whoami'), victim, 'new sessions go to a living replica');
  await assert.rejects(client.callTool({ name: 'whoami' }), { code: 404 });
  const again = await connectV1(t, gateway.endpoint('replicas'));
  assert.notEqual(firstText(await again.callTool({ name: 'whoami' })), victim);
  await gateway.ready('replicas', 2);
});

test('a modern client keeps its replica, and moves when that one dies', async (t) => {
  const gateway = await startGateway(t, { config: { servers: [replicaServer('replicas', '--http', { federated: false, replicaCount: 3 })] } });
  await gateway.ready('replicas', 3);

  const client = await connectV2(t, gateway.endpoint('replicas'), MODERN);
  const whoami = async (): Promise<string> => firstText(await client.callTool({ name: 'whoami' }));
  const home = await whoami();
  for (let call = 0; call < 10; ++call) assert.equal(await whoami(), home);

  process.kill(Number(home), 'SIGKILL');
  const next = await eventually('another replica answers', async () => {
    const reply = await modernRequest(gateway.endpoint('replicas'), 'tools/call', { name: 'whoami', arguments: {} });
    assert.notEqual(reply.status, 500);
    const pid = reply.messages[0]?.result?.content?.[0]?.text as string | undefined;
    return pid === home ? undefined : pid;
  });
  assert.match(next, /^\d+$/);
});
