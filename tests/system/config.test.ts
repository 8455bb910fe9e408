// The configuration file: strict when read, followed while running, as a whole or not at all.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BINARY, exampleServer, replicaServer, ROOT, startGateway, temporaryDirectory } from './harness/gateway.ts';
import { RunningProcess } from './harness/processes.ts';
import { Upstream, withHandshake } from './harness/upstream.ts';
import { eventually } from './harness/wait.ts';
import { Session } from './harness/wire.ts';

const remote = (name: string, url = 'http://127.0.0.1:9/mcp') => ({ name, url });

test('servers that are added, changed and removed in the file follow at once', async (t) => {
  const upstream = await Upstream.start(t, withHandshake((exchange) => exchange.result({})));
  const gateway = await startGateway(t, { config: { servers: [remote('first', upstream.url)] } });
  const names = async (): Promise<string[]> =>
    (await gateway.json<{ name: string }[]>('/adapters')).map((adapter) => adapter.name);
  assert.deepEqual(await names(), ['first']);
  const session = await Session.open(gateway.endpoint('first'));

  gateway.writeConfig({ servers: [remote('first', upstream.url), replicaServer('second', '--http')] });
  await eventually('the second is there', async () => (await names()).join() === 'first,second');
  await gateway.ready('second');
  assert.match(await (await Session.open(gateway.endpoint('second'))).call('whoami'), /^\d+$/);
  assert.equal((await session.request('ping')).status, 200, 'sessions of unchanged servers go on');

  gateway.writeConfig({ servers: [remote('second', upstream.url)] });
  await eventually('the first is gone', async () => (await names()).join() === 'second');
  await eventually('the second is now remote', async () => (await gateway.json('/adapters/second')).url === upstream.url);
  assert.equal((await session.request('ping')).status, 404);
});

test('a bad edit changes nothing and is shown; a good one puts it right', async (t) => {
  const gateway = await startGateway(t, { config: { servers: [exampleServer()] } });
  await gateway.ready('example');
  const reload = async (): Promise<string> => JSON.stringify((await gateway.json('/status')).config ?? {});

  for (const bad of [
    'servers: [',
    'servers:\n  - name: fresh\n    url: http://127.0.0.1:9/mcp\n  - name: broken\n    urll: http://127.0.0.1:9/\n',
    'serverz: []\n',
  ]) {
    gateway.writeConfig(bad);
    const shown = await eventually('the error is in the status', async () => {
      const text = await reload();
      return /error|line|unknown/i.test(text) && !/"error":null/.test(text) && text;
    });
    assert.match(shown, /mcp-gateway\.yaml|line|:\d+/);
    assert.equal((await gateway.api('GET', '/adapters/fresh')).status, 404, 'nothing is half applied');
    assert.equal((await gateway.json('/adapters/example')).name, 'example');
    assert.equal((await gateway.status('example')).readyReplicas, 1);
  }
  assert.ok((await gateway.metric('mcp_gateway_config_reloads_total', { outcome: 'rejected' })) >= 1);
  assert.ok(gateway.process.stderr.some((line) => /config/.test(line)), 'the log tells');

  gateway.writeConfig({ servers: [exampleServer(), remote('fresh')] });
  await eventually('the new server is there', async () => (await gateway.api('GET', '/adapters/fresh')).status === 200);
  await eventually('the error is gone', async () => !/urll|serverz/.test(await reload()));
});

test('a change of one server does not disturb the processes of another', async (t) => {
  const gateway = await startGateway(t, { config: { servers: [replicaServer('steady', '--http')] } });
  await gateway.ready('steady');
  const session = await Session.open(gateway.endpoint('steady'));
  const pid = await session.call('whoami');
  gateway.writeConfig({ servers: [{ ...replicaServer('steady', '--http'), description: 'Now described.' }, remote('other')] });
  await eventually('the change is there', async () => (await gateway.json('/adapters/steady')).description === 'Now described.');
  assert.equal(await session.call('whoami'), pid);
});

test('a file that cannot be understood stops the start with file, line and remedy', async (t) => {
  for (const [text, expected] of [
    ['servers:\n  - name: a\n    urll: http://127.0.0.1/\n', /mcp-gateway\.yaml:3[^]*urll[^]*url/],
    ['servers:\n  - name: a\n', /mcp-gateway\.yaml:2/],
    ['servers:\n  - {name: a, url: "http://127.0.0.1/"}\n  - {name: a, url: "http://127.0.0.1/"}\n', /mcp-gateway\.yaml:3[^]*a/],
    ['servers: [\n', /mcp-gateway\.yaml:\d/],
  ] as const) {
    await assert.rejects(startGateway(t, { config: text }), expected);
  }
});

test('mcp-gateway config validate says what is wrong, or that all is well', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'mcp-gateway.yaml');
  const validate = async (text: string) => {
    writeFileSync(file, text);
    const run = new RunningProcess(t, BINARY, ['config', 'validate', file], { cwd: ROOT });
    const { code } = await run.exited;
    return { code, output: [...run.stdout, ...run.stderr].join('\n') };
  };
  assert.equal((await validate('servers:\n  - {name: a, url: "http://127.0.0.1:9/mcp"}\n')).code, 0);
  const bad = await validate('servers:\n  - {name: a, url: "http://127.0.0.1:9/mcp", replicaCont: 2}\n');
  assert.notEqual(bad.code, 0);
  assert.match(bad.output, /:2:\d+[^]*replicaCont[^]*replicaCount/);
});

test('mcp-gateway import reads what the desktop clients use', async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'claude_desktop_config.json');
  writeFileSync(
    file,
    JSON.stringify({
      mcpServers: {
        'My Files': { command: 'npx', args: ['-y', 'some-server', '/home'], env: { KEY: 'value' } },
        remote: { url: 'https://mcp.example/mcp', headers: { Authorization: 'Bearer x' } },
      },
    }),
  );
  const run = new RunningProcess(t, BINARY, ['import', file], { cwd: directory });
  assert.deepEqual(await run.exited, { code: 0, signal: null });
  const printed = run.stdout.join('\n');
  assert.match(printed, /my-files/);
  assert.match(printed, /https:\/\/mcp\.example\/mcp/);
  assert.ok(readFileSync(file, 'utf8').includes('My Files'), 'the file of the client stays as it is');
});
