// TLS on both sides, with an authority made for the test.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectV1 } from './harness/clients.ts';
import { startGateway, temporaryDirectory } from './harness/gateway.ts';
import type { Scope } from './harness/scope.ts';
import { Upstream, withHandshake } from './harness/upstream.ts';
import { post, Session } from './harness/wire.ts';

interface Certificate {
  certFile: string;
  keyFile: string;
}

class Authority {
  readonly directory: string;
  readonly caFile: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.caFile = this.#path('ca.pem');
    this.#openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
      '-subj', '/CN=test authority', '-keyout', this.#path('ca.key'), '-out', this.caFile);
  }

  static async make(scope: Scope): Promise<Authority> {
    return new Authority(await temporaryDirectory(scope));
  }

  issue(name: string, subject: string): Certificate {
    const [keyFile, certFile] = [this.#path(`${name}.key`), this.#path(`${name}.pem`)];
    const extensions = this.#path(`${name}.ext`);
    writeFileSync(extensions, `subjectAltName=${subject}\n`);
    this.#openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
      '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', this.#path(`${name}.csr`));
    this.#openssl('x509', '-req', '-days', '2', '-in', this.#path(`${name}.csr`), '-CA', this.caFile,
      '-CAkey', this.#path('ca.key'), '-CAcreateserial', '-extfile', extensions, '-out', certFile);
    return { certFile, keyFile };
  }

  #path(file: string): string {
    return join(this.directory, file);
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}

const read = ({ certFile, keyFile }: Certificate) => ({ cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') });

test('an upstream with TLS is verified', async (t) => {
  const [authority, stranger] = [await Authority.make(t), await Authority.make(t)];
  const script = withHandshake((exchange) => exchange.result({}));
  const good = await Upstream.start(t, script, read(authority.issue('good', 'IP:127.0.0.1')));
  const misnamed = await Upstream.start(t, script, read(authority.issue('misnamed', 'DNS:other.example')));
  const unknown = await Upstream.start(t, script, read(stranger.issue('unknown', 'IP:127.0.0.1')));
  const { caFile } = authority;
  const gateway = await startGateway(t, {
    config: {
      servers: [
        { name: 'good', url: good.url, caFile },
        { name: 'misnamed', url: misnamed.url, caFile },
        { name: 'unknown', url: unknown.url, caFile },
        { name: 'system', url: good.url },
      ],
    },
  });
  assert.equal((await (await Session.open(gateway.endpoint('good'))).request('ping')).status, 200);
  for (const name of ['misnamed', 'unknown', 'system']) {
    const response = await post(gateway.endpoint(name), { jsonrpc: '2.0', id: 1, method: 'ping' });
    const text = await response.text();
    assert.equal(response.status, 502, `${name}: ${text}`);
    assert.match(text, /certificate/i);
  }
  assert.equal(misnamed.exchanges.length + unknown.exchanges.length, 0);
});

test('the gateway itself serves TLS', async (t) => {
  const authority = await Authority.make(t);
  const { certFile, keyFile } = authority.issue('gateway', 'IP:127.0.0.1');
  const script = withHandshake((exchange) =>
    exchange.request.method === 'GET' ? exchange.json({}, 405) : exchange.result({ tools: [] }),
  );
  const upstream = await Upstream.start(t, script);
  const gateway = await startGateway(t, {
    config: {
      listen: [{ address: '127.0.0.1:0', tls: { certFile, keyFile } }],
      servers: [{ name: 'remote', url: upstream.url }],
    },
    listen: null,
  });
  assert.match(gateway.url, /^https:/);

  const ca = readFileSync(authority.caFile, 'utf8');
  const get = (options: object): Promise<number> =>
    new Promise((resolve, reject) => {
      request(new URL('/ping', gateway.url), options, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
        .once('error', reject)
        .end();
    });
  assert.equal(await get({ ca }), 200);
  await assert.rejects(get({}), /certificate/);
  await assert.rejects(get({ ca, maxVersion: 'TLSv1.1' }));

  const fetchWithCa = (input: string | URL, init?: RequestInit): Promise<Response> => fetchOverTls(ca, input, init);
  const client = await connectV1(t, gateway.endpoint('remote'), { fetch: fetchWithCa });
  assert.deepEqual((await client.listTools()).tools, []);
});

/** fetch() of Node trusts the system only; this one trusts `ca`. Enough for short JSON exchanges. */
function fetchOverTls(ca: string, input: string | URL, init: RequestInit = {}): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers = Object.fromEntries(new Headers(init.headers));
    const outgoing = request(new URL(input), { ca, method: init.method ?? 'GET', headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const status = incoming.statusCode!;
        const body = [202, 204].includes(status) ? null : Buffer.concat(chunks);
        resolve(new Response(body, { status, headers: incoming.headers as Record<string, string> }));
      });
    });
    outgoing.once('error', reject);
    outgoing.end(init.body as string | undefined);
  });
}
