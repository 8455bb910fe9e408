// MCP on the wire: plain requests for tests about status codes, headers and sessions, where an SDK would hide them.

import { connect, type Socket } from 'node:net';
import { onEnd, type Scope } from './scope.ts';
import { within } from './wait.ts';

export interface RpcMessage {
  jsonrpc: '2.0';
  id?: number | string | null;
  method?: string;
  params?: any;
  result?: any;
  error?: { code: number; message: string; data?: any };
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  /** Every JSON-RPC message in the body, which is one JSON value or a stream of events. */
  messages: RpcMessage[];
}

export interface ServerEvent {
  event: string;
  data: string;
  id?: string;
  /** A line that starts with a colon. */
  comment?: string;
}

/** Splits a stream into events as they arrive; comments count as events of kind `comment`. */
export async function* serverEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    pending += decoder.decode(chunk, { stream: true });
    for (let end = pending.search(/\r?\n\r?\n/); end >= 0; end = pending.search(/\r?\n\r?\n/)) {
      yield parseEvent(pending.slice(0, end));
      pending = pending.slice(end).replace(/^\r?\n\r?\n/, '');
    }
  }
}

function parseEvent(block: string): ServerEvent {
  const event: ServerEvent = { event: 'message', data: '' };
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line)!;
    if (field === '') Object.assign(event, { event: 'comment', comment: value });
    else if (field === 'data') data.push(value!);
    else if (field === 'event' || field === 'id') event[field] = value!;
  }
  return { ...event, data: data.join('\n') };
}

export async function readReply(response: Response): Promise<Reply> {
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const bodies = type.startsWith('text/event-stream')
    ? text.split(/\r?\n\r?\n/).map((block) => parseEvent(block).data)
    : type.includes('json')
      ? [text]
      : [];
  const messages = bodies.filter((body) => body !== '').map((body) => JSON.parse(body) as RpcMessage);
  return { status: response.status, headers: response.headers, text, messages };
}

export const LEGACY_VERSION = '2025-11-25';
export const MODERN_VERSION = '2026-07-28';
const BOTH_TYPES = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

export type HeaderMap = Record<string, string>;

export async function post(url: URL, body: unknown, headers: HeaderMap = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { ...BOTH_TYPES, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
}

export const LEGACY_INITIALIZE = {
  protocolVersion: LEGACY_VERSION,
  capabilities: {},
  clientInfo: { name: 'system-test', version: '1.0.0' },
};

/** A legacy session. */
export class Session {
  readonly url: URL;
  readonly id: string;
  readonly initializeResult: any;
  /** Sent with every request: who asks. */
  readonly identity: HeaderMap;
  #nextId = 2;

  private constructor(url: URL, id: string, initializeResult: any, identity: HeaderMap) {
    this.url = url;
    this.id = id;
    this.initializeResult = initializeResult;
    this.identity = identity;
  }

  static async open(url: URL, headers: HeaderMap = {}): Promise<Session> {
    const message = { jsonrpc: '2.0', id: 1, method: 'initialize', params: LEGACY_INITIALIZE };
    const reply = await readReply(await post(url, message, headers));
    const id = reply.headers.get('mcp-session-id');
    const result = reply.messages.find((message) => message.id === 1)?.result;
    if (reply.status !== 200 || id === null || !result) throw new Error(`initialize: ${reply.status} ${reply.text}`);
    const session = new Session(url, id, result, headers);
    await session.notify('notifications/initialized');
    return session;
  }

  /** A session that somebody else opened. */
  static resume(url: URL, id: string, identity: HeaderMap = {}): Session {
    return new Session(url, id, undefined, identity);
  }

  get headers(): HeaderMap {
    return { ...this.identity, 'mcp-session-id': this.id, 'mcp-protocol-version': LEGACY_VERSION };
  }

  message(method: string, params?: object): RpcMessage {
    return { jsonrpc: '2.0', id: this.#nextId++, method, ...(params && { params }) };
  }

  async request(method: string, params?: object, headers: HeaderMap = {}): Promise<Reply> {
    return readReply(await this.stream(method, params, { headers }));
  }

  /** The response as soon as its head is there. */
  async stream(
    method: string,
    params?: object,
    { headers = {}, signal }: { headers?: HeaderMap; signal?: AbortSignal } = {},
  ): Promise<Response> {
    return post(this.url, this.message(method, params), { ...this.headers, ...headers }, signal);
  }

  async notify(method: string, params?: object): Promise<Reply> {
    return readReply(await post(this.url, { jsonrpc: '2.0', method, ...(params && { params }) }, this.headers));
  }

  /** Calls a tool and returns the text of its first content block. */
  async call(name: string, args: object = {}): Promise<string> {
    const reply = await this.request('tools/call', { name, arguments: args });
    const result = reply.messages.find((message) => message.result)?.result;
    if (reply.status !== 200 || !result) throw new Error(`tools/call ${name}: ${reply.status} ${reply.text}`);
    return result.content[0].text as string;
  }

  async end(): Promise<number> {
    const response = await fetch(this.url, { method: 'DELETE', headers: this.headers });
    await response.arrayBuffer();
    return response.status;
  }
}

/** A modern request: self-contained, no session. */
export async function modernRequest(
  url: URL,
  method: string,
  params: Record<string, unknown> = {},
  headers: HeaderMap = {},
  signal?: AbortSignal,
): Promise<Reply> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
    'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
    'io.modelcontextprotocol/clientInfo': { name: 'system-test', version: '1.0.0' },
  };
  const name = params.name ?? params.uri;
  return readReply(
    await post(
      url,
      { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } },
      {
        'mcp-protocol-version': MODERN_VERSION,
        'mcp-method': method,
        ...(typeof name === 'string' && { 'mcp-name': name }),
        ...headers,
      },
      signal,
    ),
  );
}

export interface RawReply {
  /** Everything that the peer sent, one character per byte. */
  text: string;
  /** The status codes in it, in order. */
  statuses: number[];
  /** How it ended: the peer closed (or reset), or `enough` was satisfied. */
  ended: 'closed' | 'enough';
}

const statusesIn = (text: string): number[] => [...text.matchAll(/HTTP\/1\.\d (\d{3}) /g)].map(([, code]) => Number(code));

/** A TCP connection on which a test writes exactly the bytes that it wants. */
export class RawConnection {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  text = '';
  #changed: (() => void)[] = [];
  #isClosed = false;

  constructor(scope: Scope, port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setNoDelay();
    const notify = (): void => this.#changed.splice(0).forEach((wake) => wake());
    this.socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
      notify();
    });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      const end = (): void => {
        this.#isClosed = true;
        resolve();
        notify();
      };
      this.socket.once('end', end);
      this.socket.once('close', end);
    });
    onEnd(scope, () => this.socket.destroy());
  }

  write(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Reads until the peer closes or `enough` says so. */
  async read(enough: (text: string) => boolean, deadline = 5_000): Promise<RawReply> {
    const done = async (): Promise<RawReply> => {
      for (;;) {
        const base = { text: this.text, statuses: statusesIn(this.text) };
        if (enough(this.text)) return { ...base, ended: 'enough' };
        if (this.#isClosed) return { ...base, ended: 'closed' };
        await new Promise<void>((resolve) => this.#changed.push(resolve));
      }
    };
    return within(deadline, `an answer on the raw connection (so far ${JSON.stringify(this.text.slice(0, 400))})`, done());
  }

  /** Reads until the peer closes. */
  async readToEnd(deadline?: number): Promise<RawReply> {
    return this.read(() => false, deadline);
  }
}

/** One request as these lines, without the last empty one, on a connection of its own; the whole answer. */
export async function rawRequest(scope: Scope, port: number, lines: string[], body = ''): Promise<RawReply> {
  const connection = new RawConnection(scope, port);
  connection.write([...lines, 'Connection: close', '', body].join('\r\n'));
  const reply = await connection.readToEnd();
  connection.socket.destroy();
  return reply;
}

/** Whether the text holds `count` complete final responses. */
export function hasResponses(text: string, count: number): boolean {
  let rest = text;
  for (let seen = 0; seen < count; ) {
    const end = rest.indexOf('\r\n\r\n') + 4;
    if (end < 4) return false;
    const head = rest.slice(0, end);
    const length = bodyLength(head, rest.slice(end));
    if (length === undefined || rest.length < end + length) return false;
    rest = rest.slice(end + length);
    if (!/^HTTP\/1\.1 1\d\d/.test(head)) ++seen;
  }
  return true;
}

function bodyLength(head: string, after: string): number | undefined {
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  const last = /(^|\r\n)0\r\n\r\n/.exec(after);
  return last ? last.index + last[0].length : undefined;
}
