// Serves one MCP server definition over Streamable HTTP to clients of both protocol eras, on one URL.
//
// A modern client (2026-07-28) sends self-contained requests: every request gets a fresh server from the factory.
// A legacy client opens a session with `initialize`: the session keeps its server until DELETE or shutdown.

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
  type EventStore,
  type McpHttpHandler,
  type McpServerFactory,
} from '@modelcontextprotocol/server';

export interface HttpOptions {
  /** Default: $HOST, else 127.0.0.1. */
  host?: string;
  /** Default: $PORT, else 0 (any free port). */
  port?: number;
  /** The path of the MCP endpoint. Default: /mcp. */
  path?: string;
  /** Makes the streams of legacy sessions resumable. */
  eventStore?: () => EventStore;
  /** The `retry` hint (milliseconds) on resumable streams. */
  retryInterval?: number;
}

export interface RunningServer {
  url: string;
  /** Publishes list changes to modern subscriptions. */
  notify: McpHttpHandler['notify'];
  /** Stops accepting, lets running requests finish, ends the sessions. */
  close(): Promise<void>;
}

const jsonRpcError = (status: number, code: number, message: string): Response =>
  Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });

/** The sessions of legacy clients: session id → the transport that owns the server of that session. */
class Sessions {
  readonly #transports = new Map<string, WebStandardStreamableHTTPServerTransport>();
  readonly #factory: McpServerFactory;
  readonly #options: HttpOptions;

  constructor(factory: McpServerFactory, options: HttpOptions) {
    this.#factory = factory;
    this.#options = options;
  }

  async fetch(request: Request): Promise<Response> {
    const id = request.headers.get('mcp-session-id');
    if (id === null) return this.#open(request);
    const transport = this.#transports.get(id);
    if (!transport) return jsonRpcError(404, -32001, 'Session not found');
    return transport.handleRequest(request);
  }

  async #open(request: Request): Promise<Response> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void this.#transports.set(id, transport),
      onsessionclosed: (id) => void this.#transports.delete(id),
      eventStore: this.#options.eventStore?.(),
      retryInterval: this.#options.retryInterval,
    });
    const server = await this.#factory({ era: 'legacy', requestInfo: request });
    await server.connect(transport);
    const response = await transport.handleRequest(request);
    if (transport.sessionId === undefined) await server.close();
    return response;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
  }
}

export async function serveHttp(factory: McpServerFactory, options: HttpOptions = {}): Promise<RunningServer> {
  const { host = process.env.HOST ?? '127.0.0.1', port = Number(process.env.PORT ?? 0), path = '/mcp' } = options;
  const modern = createMcpHandler(factory, { legacy: 'reject' });
  const sessions = new Sessions(factory, options);
  const dispatch = toNodeHandler({
    fetch: async (request) => ((await isLegacyRequest(request)) ? sessions.fetch(request) : modern.fetch(request)),
  });

  const hostAllowed = localhostHostValidation();
  const originAllowed = localhostOriginValidation();
  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (!hostAllowed(req, res) || !originAllowed(req, res)) return;
    if (req.url?.split('?')[0] !== path) return void res.writeHead(404).end();
    await dispatch(req, res as Parameters<typeof dispatch>[1]);
  };

  const http = createServer((req, res) => void handle(req, res));
  // Longer than a gateway keeps an idle connection (upstream.idleTimeout): whoever sends should be the one who closes.
  http.keepAliveTimeout = 75_000;
  await new Promise<void>((resolve, reject) => http.once('error', reject).listen(port, host, resolve));
  const bound = http.address() as AddressInfo;

  return {
    url: `http://${host}:${bound.port}${path}`,
    notify: modern.notify,
    close: async () => {
      const closed = new Promise((resolve) => http.close(resolve));
      await modern.close();
      await sessions.close();
      http.closeIdleConnections();
      await closed;
    },
  };
}

/** Runs `stop` once when the process is asked to end, then exits with 0. */
export function onShutdown(stop: () => Promise<void>): void {
  let stopping = false;
  const shutDown = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void shutDown());
  process.on('SIGINT', () => void shutDown());
}
