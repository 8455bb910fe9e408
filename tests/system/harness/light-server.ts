// A small MCP server in the process of the test: it lists what it was given, byte for byte, answers calls as it is told,
// and says when something changed. Dozens of them cost nothing.

import type { ServerConfig } from './gateway.ts';
import type { Scope } from './scope.ts';
import { Upstream, type Exchange, type Script } from './upstream.ts';
import { LEGACY_VERSION, MODERN_VERSION, type RpcMessage } from './wire.ts';

/** A definition; text is sent as it is. */
export type Item = object | string;
export type Kind = 'tools' | 'prompts' | 'resources' | 'resourceTemplates';

export const KINDS: readonly Kind[] = ['tools', 'prompts', 'resources', 'resourceTemplates'];

const LISTS: Record<string, Kind> = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
};

const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};

export interface LightOptions extends Partial<Record<Kind, Item[]>> {
  era?: 'legacy' | 'modern';
  /** Items of one page. */
  pageSize?: number;
  /** Answers everything but the handshake, lists and streams. Default: every call returns `<tool> of <server>`. */
  answer?: Script;
  /** What a legacy server does with answers to its own requests. */
  onResponse?: Script;
  instructions?: string;
}

/** A tool that takes anything. */
export const tool = (name: string, more: object = {}): object => ({
  name,
  description: `The tool ${name}.`,
  inputSchema: { type: 'object' },
  ...more,
});

export const textContent = (text: string): object => ({ content: [{ type: 'text', text }] });

interface Stream {
  exchange: Exchange;
  /** Of a modern stream: the id of the request that opened it. */
  id?: RpcMessage['id'];
  watched: Set<string>;
}

export class LightServer {
  readonly name: string;
  readonly items: Record<Kind, Item[]>;
  pageSize: number;
  answer: Script;
  /** Answers the requests for lists. */
  list: (exchange: Exchange) => unknown = (exchange) => this.#list(exchange);
  /** Resources that legacy sessions subscribed to. */
  readonly subscribed = new Set<string>();
  readonly #modern: boolean;
  readonly #instructions: string | undefined;
  readonly #onResponse: Script | undefined;
  readonly #streams = new Set<Stream>();
  readonly #sessions = new Set<string>();
  #upstream!: Upstream;

  private constructor(name: string, options: LightOptions) {
    const { tools = [], prompts = [], resources = [], resourceTemplates = [] } = options;
    this.name = name;
    this.items = { tools, prompts, resources, resourceTemplates };
    this.pageSize = options.pageSize ?? 1_000;
    this.answer = options.answer ?? ((exchange) => this.#echo(exchange));
    this.#modern = options.era === 'modern';
    this.#instructions = options.instructions;
    this.#onResponse = options.onResponse;
  }

  static async start(scope: Scope, name: string, options: LightOptions = {}): Promise<LightServer> {
    const server = new LightServer(name, options);
    server.#upstream = await Upstream.start(scope, (exchange) => server.#serve(exchange));
    return server;
  }

  /** The entry of `servers:`. */
  config(more: object = {}): ServerConfig {
    return { name: this.name, url: this.#upstream.url, ...more };
  }

  /** Nobody listens any more. */
  stop(): Promise<void> {
    return this.#upstream.stop();
  }

  /** What it was asked, by method. */
  calls(method: string): Exchange[] {
    return this.#upstream.calls(method);
  }

  /** How many streams are open on which it can say that something changed. */
  get listeners(): number {
    return this.#streams.size;
  }

  /** Says that a list changed. */
  announce(kind: 'tools' | 'prompts' | 'resources'): void {
    for (const stream of this.#streams) this.#send(stream, `notifications/${kind}/list_changed`);
  }

  /** Says that a resource changed. */
  updated(uri: string): void {
    for (const stream of this.#streams) {
      if (!this.#modern || stream.watched.has(uri)) this.#send(stream, 'notifications/resources/updated', { uri });
    }
  }

  /** As after a restart: no session is known any more, and no stream is open. */
  forgetSessions(): void {
    this.#sessions.clear();
    for (const { exchange } of this.#streams) exchange.response.destroy();
  }

  /** Whether somebody watches a resource now. */
  watches(uri: string): boolean {
    return this.subscribed.has(uri) || [...this.#streams].some((stream) => stream.watched.has(uri));
  }

  #send({ exchange, id }: Stream, method: string, params: object = {}): void {
    const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
    exchange.event({ jsonrpc: '2.0', method, params: id === undefined ? params : { ...params, _meta } });
  }

  #open(exchange: Exchange, id?: RpcMessage['id']): Stream {
    const stream: Stream = { exchange, watched: new Set(), ...(id !== undefined && { id }) };
    exchange.startEvents();
    this.#streams.add(stream);
    exchange.response.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  #serve(exchange: Exchange): unknown {
    return this.#modern ? this.#serveModern(exchange) : this.#serveLegacy(exchange);
  }

  #serveLegacy(exchange: Exchange): unknown {
    const session = exchange.request.headers['mcp-session-id'];
    const method = exchange.request.method === 'POST' ? exchange.message.method : undefined;
    if (method === 'initialize') return this.#initialize(exchange);
    if (session === undefined) return this.#refuse(exchange, 400, 'no session');
    if (!this.#sessions.has(String(session))) return this.#refuse(exchange, 404, 'Session not found');
    if (exchange.request.method === 'GET') return this.#open(exchange);
    if (exchange.request.method === 'DELETE') return exchange.response.writeHead(204).end();
    const { id, params } = exchange.message;
    if (method === undefined) this.#onResponse?.(exchange);
    if (method === undefined || id === undefined) return exchange.response.writeHead(202).end();
    if (method === 'resources/subscribe') {
      this.subscribed.add(params.uri);
      return exchange.result({});
    }
    if (method === 'resources/unsubscribe') {
      this.subscribed.delete(params.uri);
      return exchange.result({});
    }
    if (method === 'ping' || method === 'logging/setLevel') return exchange.result({});
    return this.#listOrAnswer(exchange);
  }

  #serveModern(exchange: Exchange): unknown {
    if (exchange.request.method !== 'POST') return exchange.response.writeHead(405).end();
    const { id, method, params } = exchange.message;
    if (method === 'server/discover') {
      return exchange.result({
        ...this.#about(),
        supportedVersions: [MODERN_VERSION],
        resultType: 'complete',
        ttlMs: 0,
        cacheScope: 'private',
      });
    }
    if (method === 'initialize') return this.#refuse(exchange, 400, 'no handshake', -32022, { supported: [MODERN_VERSION] });
    if (method !== 'subscriptions/listen') return this.#listOrAnswer(exchange);
    const stream = this.#open(exchange, id);
    for (const uri of params.notifications.resourceSubscriptions ?? []) stream.watched.add(uri);
    this.#send(stream, 'notifications/subscriptions/acknowledged', { notifications: params.notifications });
  }

  #about(): object {
    return { capabilities: CAPABILITIES, ...(this.#instructions !== undefined && { instructions: this.#instructions }) };
  }

  #initialize(exchange: Exchange): void {
    const id = `${this.name}-${crypto.randomUUID()}`;
    this.#sessions.add(id);
    const serverInfo = { name: this.name, version: '1.0.0' };
    exchange.result({ ...this.#about(), protocolVersion: LEGACY_VERSION, serverInfo }, { 'mcp-session-id': id });
  }

  #refuse(exchange: Exchange, status: number, message: string, code = -32000, data?: object): void {
    exchange.json({ jsonrpc: '2.0', id: null, error: { code, message, ...(data && { data }) } }, status);
  }

  #listOrAnswer(exchange: Exchange): unknown {
    return LISTS[exchange.message.method!] ? this.list(exchange) : this.answer(exchange);
  }

  #list(exchange: Exchange): void {
    const { method, params } = exchange.message;
    const kind = LISTS[method!]!;
    const begin = Number(params?.cursor ?? 0);
    const end = begin + this.pageSize;
    const page = this.items[kind].slice(begin, end).map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
    const cursor = end < this.items[kind].length ? `,"nextCursor":"${end}"` : '';
    const modern = this.#modern ? ',"resultType":"complete","ttlMs":0,"cacheScope":"private"' : '';
    exchange.rawResult(`{"${kind}":[${page.join(',')}]${cursor}${modern}}`);
  }

  #echo(exchange: Exchange): void {
    const { method, params } = exchange.message;
    const type = this.#modern ? { resultType: 'complete' } : {};
    if (method === 'tools/call') return exchange.result({ ...textContent(`${params.name} of ${this.name}`), ...type });
    if (method === 'prompts/get') {
      const content = { type: 'text', text: `${params.name} of ${this.name}` };
      return exchange.result({ messages: [{ role: 'user', content }], ...type });
    }
    if (method === 'resources/read') {
      return exchange.result({ contents: [{ uri: params.uri, text: `${params.uri} of ${this.name}` }], ...type });
    }
    this.#refuse(exchange, 200, 'Method not found', -32601);
  }
}
