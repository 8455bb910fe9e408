// Requests that nobody should send: each gets a clean refusal or a closed connection, and nothing else happens.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startGateway, type Gateway } from './harness/gateway.ts';
import { suiteScope } from './harness/scope.ts';
import { Upstream, withHandshake } from './harness/upstream.ts';
import { hasResponses, RawConnection, Session } from './harness/wire.ts';

const BODY = '{"jsonrpc":"2.0","id":1,"method":"ping"}';

interface Case {
  what: string;
  bytes: string;
  /** The request is cut off: the client half-closes after it. */
  cut?: boolean;
}

const request = (line: string, headers: string[], body = ''): string => [line, ...headers, '', body].join('\r\n');
const host = 'Host: 127.0.0.1';
const json = 'Content-Type: application/json';
const accept = 'Accept: application/json, text/event-stream';
const post = (headers: string[], body = BODY): string => request('POST /adapters/target/mcp HTTP/1.1', [host, json, accept, ...headers], body);
const get = (headers: string[], line = 'GET /ping HTTP/1.1'): string => request(line, [host, ...headers]);

function requestLines(): Case[] {
  const lines = [
    'GET  /ping HTTP/1.1',
    'GET\t/ping HTTP/1.1',
    'GET /ping',
    'GET /ping HTTP/1.2',
    'GET /ping HTTP/2.0',
    'GET /ping HTTP/0.9',
    'GET /ping http/1.1',
    'GET /ping HTTP/1.1 ',
    'GET /ping HTTP/11',
    'GET /ping FTP/1.1',
    'GET ping HTTP/1.1',
    'GET /pi ng HTTP/1.1',
    'GET /ping\x00 HTTP/1.1',
    'GET /ping\x7f HTTP/1.1',
    'GET /p\xffng HTTP/1.1',
    ' GET /ping HTTP/1.1',
    'G@T /ping HTTP/1.1',
    'GE\x01T /ping HTTP/1.1',
    '/ping HTTP/1.1',
    'PRI * HTTP/2.0',
    'CONNECT 127.0.0.1:80 HTTP/1.1',
    'CONNECT /ping HTTP/1.1',
    'GET * HTTP/1.1',
    'GET //ping/../../etc/passwd HTTP/1.1',
    'GET /adapters/../status%00 HTTP/1.1',
    'GET /adapters/%2e%2e/mcp HTTP/1.1',
    'GET /adapters/%zz HTTP/1.1',
    'GET /adapters/% HTTP/1.1',
    'DELETE /ping HTTP/1.1',
    'TRACE /ping HTTP/1.1',
    'BREW /ping HTTP/1.1',
    'GET http://[::1/ping HTTP/1.1',
    'GET ftp://127.0.0.1/ping HTTP/1.1',
    `GET /${'a'.repeat(70_000)} HTTP/1.1`,
    `${'A'.repeat(5_000)} / HTTP/1.1`,
  ];
  return lines.map((line) => ({ what: `request line ${JSON.stringify(line.slice(0, 60))}`, bytes: get([], line) }));
}

function headerFields(): Case[] {
  const fields = [
    'No-Colon',
    ': no-name',
    'Space Name: x',
    'Space-Before-Colon : x',
    'Tab\tName: x',
    'Bad(Name): x',
    'Bad\x00Name: x',
    'Null-Value: a\x00b',
    'Control-Value: a\x01b',
    'Carriage-Value: a\rb',
    'Bell: \x07',
    'Delete: \x7f',
    'Folded: a\r\n b',
    'Folded: a\r\n\tb',
    ' Leading: x',
    '\x80Name: x',
    `Huge: ${'x'.repeat(70_000)}`,
    `${'N'.repeat(70_000)}: x`,
    ...['Host: other.example', 'Host: 127.0.0.1'].map((second) => `${second}\r\nX-Second: host`),
    'Host:\r\nX-Empty: host',
  ];
  const many = Array.from({ length: 2_000 }, (_, index) => `X-${index}: y`);
  return [
    ...fields.map((field) => ({ what: `header ${JSON.stringify(field.slice(0, 50))}`, bytes: get([field]) })),
    { what: '2,000 headers', bytes: get(many) },
    { what: 'no Host', bytes: 'GET /ping HTTP/1.1\r\n\r\n' },
    { what: 'bare line feeds', bytes: 'GET /ping HTTP/1.1\nHost: 127.0.0.1\n\n' },
    { what: 'one bare line feed', bytes: 'GET /ping HTTP/1.1\r\nHost: 127.0.0.1\nX: y\r\n\r\n' },
    { what: 'bare carriage returns', bytes: 'GET /ping HTTP/1.1\rHost: 127.0.0.1\r\r', cut: true },
    ...['evil.example', 'evil.example:80', '127.0.0.1.evil.example', '127.0.0.1@evil.example', '[::1', 'a b', '-'].map(
      (value) => ({ what: `Host: ${value}`, bytes: `GET /ping HTTP/1.1\r\nHost: ${value}\r\n\r\n` }),
    ),
  ];
}

function framing(): Case[] {
  const lengths = ['-1', '+5', '5 5', '5,6', '0x10', '1e3', '5;', '', ' ', '5\t6', '99999999999999999999', '18446744073709551616', 'five', '5.0', '٥'];
  const codings = ['gzip', 'chunked, chunked', 'chunked, gzip', 'identity', 'xchunked', 'chunked;q=1', '"chunked"', 'chun\tked', ', chunked', '\x0bchunked'];
  const chunks = [
    'z\r\nabc\r\n0\r\n\r\n',
    '-1\r\nabc\r\n0\r\n\r\n',
    '0x3\r\nabc\r\n0\r\n\r\n',
    '3\nabc\n0\n\n',
    '3\r\nabcd\r\n0\r\n\r\n',
    '3 \r\nabc\r\n0\r\n\r\n',
    'ffffffffffffffff\r\nabc\r\n0\r\n\r\n',
    '10000000000000000\r\nabc\r\n0\r\n\r\n',
    '\r\nabc\r\n0\r\n\r\n',
    `3;${'x'.repeat(70_000)}\r\nabc\r\n0\r\n\r\n`,
    '3;a\x00b\r\nabc\r\n0\r\n\r\n',
    `3\r\nabc\r\n0\r\nTrailer: ${'x'.repeat(70_000)}\r\n\r\n`,
    '3\r\nabc\r\n0\r\nBad Trailer: x\r\n\r\n',
    '3\r\nabc0\r\n\r\n',
  ];
  return [
    ...lengths.map((value) => ({ what: `Content-Length: ${value}`, bytes: post([`Content-Length: ${value}`]), cut: true })),
    { what: 'two different lengths', bytes: post(['Content-Length: 5', `Content-Length: ${BODY.length}`]) },
    { what: 'length and chunks', bytes: post(['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n') },
    { what: 'chunks and length', bytes: post(['Transfer-Encoding: chunked', 'Content-Length: 5'], '0\r\n\r\n') },
    { what: 'chunks under HTTP/1.0', bytes: post(['Transfer-Encoding: chunked'], '0\r\n\r\n').replace('HTTP/1.1', 'HTTP/1.0') },
    { what: 'two Transfer-Encodings', bytes: post(['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'], '0\r\n\r\n') },
    ...codings.map((value) => ({ what: `Transfer-Encoding: ${JSON.stringify(value)}`, bytes: post([`Transfer-Encoding: ${value}`], '0\r\n\r\n'), cut: true })),
    ...chunks.map((body) => ({ what: `chunks ${JSON.stringify(body.slice(0, 40))}`, bytes: post(['Transfer-Encoding: chunked'], body), cut: true })),
    { what: 'a body far over the limit', bytes: post(['Content-Length: 1000000000000']) },
    { what: 'an unknown expectation', bytes: post([`Content-Length: ${BODY.length}`, 'Expect: a-miracle']) },
  ];
}

function cutOff(): Case[] {
  const whole = post([`Content-Length: ${BODY.length}`]);
  const places = [1, 4, 10, 30, 60, 100, whole.length - BODY.length - 2, whole.length - BODY.length, whole.length - 1];
  return [
    ...places.map((place) => ({ what: `cut after ${place} bytes`, bytes: whole.slice(0, place), cut: true })),
    { what: 'cut in a chunk', bytes: post(['Transfer-Encoding: chunked'], '10\r\nabc'), cut: true },
    { what: 'cut in a trailer', bytes: post(['Transfer-Encoding: chunked'], '0\r\nX: '), cut: true },
  ];
}

function garbage(): Case[] {
  const hello = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + 'x'.repeat(32);
  let seed = 42;
  const random = (): number => (seed = (seed * 1103515245 + 12345) % 2147483648);
  const noise = Array.from({ length: 60 }, (_, index) => ({
    what: `noise ${index}`,
    bytes: Array.from({ length: 1 + (random() % 300) }, () => String.fromCharCode(random() % 256)).join('') + '\r\n\r\n',
    cut: true,
  }));
  return [
    { what: 'a TLS hello', bytes: hello, cut: true },
    { what: 'an HTTP/2 preface', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', cut: true },
    { what: 'a SOCKS greeting', bytes: '\x05\x01\x00', cut: true },
    { what: 'zeros', bytes: '\x00'.repeat(1000), cut: true },
    { what: 'only line ends', bytes: '\r\n'.repeat(5_000), cut: true },
    { what: 'an endless line', bytes: 'A'.repeat(200_000), cut: true },
    ...noise,
  ];
}

/** Bodies and headers that are proper HTTP but not MCP; what they get is a 4xx of the gateway or of the server. */
function notMcp(): Case[] {
  const withBody = (body: string, headers: string[] = []): string => post([`Content-Length: ${Buffer.byteLength(body, 'latin1')}`, ...headers], body);
  const bodies = ['', '{', '[]', 'null', '42', '"text"', '{}', '{"jsonrpc":"1.0"}', `${'['.repeat(100_000)}`, '\xff\xfe', '{"jsonrpc":"2.0","id":{},"method":"x"}'];
  const ids = ['x', 'A'.repeat(5_000), 'not base64 at all!', '../../etc', '%00', '='.repeat(100)];
  return [
    ...bodies.map((body) => ({ what: `body ${JSON.stringify(body.slice(0, 30))} to a stdio server`, bytes: withBody(body).replace('/target/', '/child/') })),
    ...ids.map((id) => ({ what: `session ${id.slice(0, 20)}`, bytes: withBody(BODY, [`Mcp-Session-Id: ${id}`]) })),
    { what: 'two sessions', bytes: withBody(BODY, ['Mcp-Session-Id: a', 'Mcp-Session-Id: b']) },
    { what: 'an unknown adapter', bytes: withBody(BODY).replace('/target/', '/nobody/') },
    { what: 'an impossible adapter', bytes: withBody(BODY).replace('/target/', '/NO%20ONE/') },
    { what: 'PUT', bytes: withBody(BODY).replace('POST', 'PUT') },
    { what: 'PATCH', bytes: withBody(BODY).replace('POST', 'PATCH') },
    { what: 'an evil Origin', bytes: withBody(BODY, ['Origin: http://evil.example']) },
    { what: 'Origin: null', bytes: withBody(BODY, ['Origin: null']) },
    { what: 'no content type', bytes: withBody(BODY).replace(`${json}\r\n`, '').replace('/target/', '/child/') },
    { what: 'a form', bytes: withBody(BODY).replace('application/json\r\nAccept', 'application/x-www-form-urlencoded\r\nAccept').replace('/target/', '/child/') },
  ];
}

/** 4xx, or what HTTP has for a coding or a version that is not spoken here. */
const isRefusal = (status: number): boolean => (status >= 400 && status < 500) || status === 501 || status === 505;

describe('malformed requests', () => {
  const scope = suiteScope();
  let gateway: Gateway;
  let upstream: Upstream;

  before(async () => {
    upstream = await Upstream.start(scope, withHandshake((exchange) => exchange.result({})));
    gateway = await startGateway(scope, {
      config: {
        servers: [
          { name: 'target', federated: false, url: upstream.url },
          { name: 'child', command: process.execPath, args: ['-e', 'process.stdin.resume()'], transport: 'stdio' },
        ],
      },
    });
  });

  const groups: Record<string, Case[]> = {
    'request lines': requestLines(),
    'header fields': headerFields(),
    'body framing': framing(),
    'cut off': cutOff(),
    garbage: garbage(),
    'not MCP': notMcp(),
  };

  for (const [group, cases] of Object.entries(groups)) {
    test(`${group}: ${cases.length} requests are refused cleanly`, async (t) => {
      const failures: string[] = [];
      await Promise.all(
        cases.map(async ({ what, bytes, cut }) => {
          const connection = new RawConnection(t, gateway.port);
          connection.write(bytes);
          if (cut) connection.socket.end();
          try {
            const { text, statuses } = await connection.read((sofar) => hasResponses(sofar, 1), 15_000);
            if (!(statuses.length === 0 ? text === '' : isRefusal(statuses[0]!))) failures.push(`${what}: ${JSON.stringify(text.slice(0, 200))}`);
          } catch (error) {
            failures.push(`${what}: ${String(error)}`);
          }
          connection.socket.destroy();
        }),
      );
      assert.deepEqual(failures, []);
      assert.equal((await gateway.api('GET', '/ping')).status, 200);
    });
  }

  test('a smuggled second request is never served', async (t) => {
    const hidden = 'GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
    for (const bytes of [
      post(['Content-Length: 4', 'Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`),
      post(['Transfer-Encoding: xchunked'], `0\r\n\r\n${hidden}`),
      post(['Content-Length: 0', `Content-Length: ${hidden.length}`], hidden),
      post(['Transfer-Encoding: chunked'], `0\r\nX: y\n\r\n${hidden}`),
    ]) {
      const connection = new RawConnection(t, gateway.port);
      connection.write(bytes);
      connection.socket.end();
      const { statuses, text } = await connection.readToEnd();
      assert.ok(statuses.length <= 1 && isRefusal(statuses[0] ?? 400), text);
    }
  });

  test('nothing else reached the upstream, was logged as an error of ours or stopped the service', async () => {
    for (const { body } of upstream.exchanges) assert.equal(body, BODY);
    const session = await Session.open(gateway.endpoint('target'));
    assert.equal((await session.request('ping')).status, 200);
    assert.deepEqual(gateway.errors(), []);
    assert.equal(gateway.process.exit, undefined);
  });
});

describe('well-formed requests that are rare', () => {
  const scope = suiteScope();
  let gateway: Gateway;

  before(async () => {
    const upstream = await Upstream.start(scope, withHandshake((exchange) => exchange.result({ got: exchange.body.length })));
    gateway = await startGateway(scope, { config: { servers: [{ name: 'target', federated: false, url: upstream.url }] } });
  });

  const exchange = async (t: Parameters<typeof startGateway>[0], bytes: string, responses = 1): Promise<{ statuses: number[]; text: string }> => {
    const connection = new RawConnection(t, gateway.port);
    connection.write(bytes);
    return connection.read((text) => hasResponses(text, responses));
  };

  test('pipelined requests are answered in order', async (t) => {
    const { statuses } = await exchange(t, get([]) + get([], 'GET /nothing-here HTTP/1.1') + get([]), 3);
    assert.deepEqual(statuses, [200, 404, 200]);
  });

  test('a request that arrives byte by byte is understood', async (t) => {
    const connection = new RawConnection(t, gateway.port);
    for (const byte of get([])) {
      connection.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual((await connection.read((text) => hasResponses(text, 1))).statuses, [200]);
  });

  test('chunked bodies with extensions and trailers are understood', async (t) => {
    const body = `${BODY.length.toString(16)};name=value\r\n${BODY}\r\n0\r\nX-Trailer: y\r\n\r\n`;
    assert.deepEqual((await exchange(t, post(['Transfer-Encoding: chunked'], body))).statuses, [200]);
  });

  test('Expect: 100-continue is answered before the body comes', async (t) => {
    const connection = new RawConnection(t, gateway.port);
    connection.write(post([`Content-Length: ${BODY.length}`, 'Expect: 100-continue'], ''));
    await connection.read((text) => text.startsWith('HTTP/1.1 100'));
    connection.write(BODY);
    assert.deepEqual((await connection.read((text) => hasResponses(text, 1))).statuses, [100, 200]);
  });

  test('an upgrade is ignored and the request answered', async (t) => {
    assert.deepEqual((await exchange(t, get(['Connection: Upgrade', 'Upgrade: websocket']))).statuses, [200]);
  });

  test('HEAD has no body, HTTP/1.0 and Connection: close end the connection', async (t) => {
    const head = new RawConnection(t, gateway.port);
    head.write(get(['Connection: close'], 'HEAD /status HTTP/1.1'));
    const { text, statuses } = await head.readToEnd();
    assert.deepEqual(statuses, [200]);
    assert.ok(text.endsWith('\r\n\r\n'), text);
    const old = new RawConnection(t, gateway.port);
    old.write('GET /ping HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n');
    assert.deepEqual((await old.readToEnd()).statuses, [200]);
  });
});
