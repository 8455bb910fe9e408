// An MCP server that does what a test tells it to, and remembers what it saw.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onEnd, type Scope } from './scope.ts';
import { LEGACY_VERSION, type RpcMessage } from './wire.ts';

/** One request that the upstream received, and the response to write. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
  /** Resolves when the peer goes away before the response is complete. */
  readonly abandoned: Promise<void>;

  constructor(request: IncomingMessage, response: ServerResponse, body: string) {
    this.request = request;
    this.response = response;
    this.body = body;
    this.abandoned = new Promise((resolve) => {
      response.once('close', () => {
        if (!response.writableFinished) resolve();
      });
    });
  }

  get message(): RpcMessage {
    return JSON.parse(this.body) as RpcMessage;
  }

  json(value: unknown, status = 200, headers: Record<string, string> = {}): void {
    this.text(JSON.stringify(value), status, headers);
  }

  /** A body that is, or claims to be, JSON. */
  text(body: string | Buffer, status = 200, headers: Record<string, string> = {}): void {
    this.response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  }

  /** A result as these bytes. */
  rawResult(result: string, headers: Record<string, string> = {}): void {
    this.text(`{"jsonrpc":"2.0","id":${JSON.stringify(this.message.id)},"result":${result}}`, 200, headers);
  }

  result(result: object, headers: Record<string, string> = {}): void {
    this.json({ jsonrpc: '2.0', id: this.message.id, result }, 200, headers);
  }

  startEvents(headers: Record<string, string> = {}): void {
    this.response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers });
    this.response.flushHeaders();
  }

  event(data: object | string, event = 'message'): void {
    this.response.write(`event: ${event}\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export type Script = (exchange: Exchange) => unknown;

/** Answers `initialize` with a session and accepts notifications and DELETE; everything else is up to the script. */
export const withHandshake =
  (script: Script, sessionId = 'upstream-session'): Script =>
  (exchange) => {
    if (exchange.request.method === 'DELETE') return exchange.response.writeHead(204).end();
    if (exchange.request.method !== 'POST') return script(exchange);
    if (!isJson(exchange.body)) return exchange.json({ error: 'no JSON' }, 400);
    const { method, id } = exchange.message;
    if (id === undefined) return exchange.response.writeHead(202).end();
    if (method !== 'initialize') return script(exchange);
    return exchange.result(
      {
        protocolVersion: LEGACY_VERSION,
        capabilities: { tools: {} },
        serverInfo: { name: 'scripted-upstream', version: '1.0.0' },
      },
      { 'mcp-session-id': sessionId },
    );
  };

export class Upstream {
  readonly url: string;
  readonly exchanges: Exchange[] = [];
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(scope: Scope, script: Script, tls?: { key: string; cert: string }): Promise<Upstream> {
    let upstream: Upstream;
    const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      let body = '';
      try {
        for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
      } catch {
        return; // The peer broke off: there was no request.
      }
      const exchange = new Exchange(request, response, body);
      upstream.exchanges.push(exchange);
      await script(exchange);
    };
    const server = (
      tls ? createTlsServer(tls, (q, s) => void listener(q, s)) : createServer((q, s) => void listener(q, s))
    ) as Server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    upstream = new Upstream(server, `${tls ? 'https' : 'http'}://127.0.0.1:${port}/mcp`);
    onEnd(scope, () => upstream.stop());
    return upstream;
  }

  /** Ends all connections; nobody listens any more. */
  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** The exchanges whose JSON-RPC method is this one. */
  calls(method: string): Exchange[] {
    return this.exchanges.filter((exchange) => exchange.body !== '' && exchange.message.method === method);
  }

  get openConnections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }
}
