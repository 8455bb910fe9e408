// /mcp and what /status says of it.

import assert from 'node:assert/strict';
import { startGateway, type Config, type Gateway, type GatewayOptions, type ServerConfig } from './gateway.ts';
import { KINDS, type Kind } from './light-server.ts';
import type { Scope } from './scope.ts';
import { eventually } from './wait.ts';
import { modernRequest, type HeaderMap, type Reply } from './wire.ts';

export interface FederatedServer {
  name: string;
  state: 'starting' | 'ready' | 'stale' | 'failed';
  since: string;
  lastListed: string | null;
  /** Of the last attempt, when it failed. */
  error?: string;
  attempts?: number;
  dialect?: string;
  version?: string;
  listening: boolean;
  tools: number;
  prompts: number;
  resources: number;
  resourceTemplates: number;
}

export interface FederationStatus {
  generation: number;
  items: Record<Kind, number>;
  estimatedTokens: number;
  servers: FederatedServer[];
  hidden: { server: string; kind: string; name: string; why: string; detail: string; hash?: string }[];
}

/** /mcp, or the endpoint of a virtual server. */
export const mcp = (gateway: Gateway, server?: string): URL =>
  new URL(server === undefined ? '/mcp' : `/servers/${server}/mcp`, gateway.url);

export const federation = async (gateway: Gateway): Promise<FederationStatus> =>
  (await gateway.json<{ federation: FederationStatus }>('/status')).federation;

export async function federatedServer(gateway: Gateway, name: string): Promise<FederatedServer> {
  const { servers } = await federation(gateway);
  const found = servers.find((server) => server.name === name);
  if (!found) throw new Error(`no ${name} in ${JSON.stringify(servers)}`);
  return found;
}

/** Whether everything that servers listed is offered or hidden. */
const isMerged = ({ items, hidden, servers }: FederationStatus): boolean =>
  KINDS.every((kind) => {
    const lost = hidden.filter((each) => `${each.kind}s` === kind && each.why !== 'invalid').length;
    return items[kind] + lost === servers.reduce((sum, server) => sum + server[kind], 0);
  });

/** Waits until servers have a state, by default `ready`, and what they listed is offered. */
export const untilListed = (gateway: Gateway, names: string[], state = 'ready'): Promise<FederatedServer[]> =>
  eventually(
    `${names.join()} ${state}`,
    async () => {
      const status = await federation(gateway);
      const right = status.servers.filter((server) => names.includes(server.name) && server.state === state);
      if (right.length !== names.length || !isMerged(status)) throw new Error(JSON.stringify(status));
      return right;
    },
    { deadline: 30_000 },
  );

/** A gateway with these servers behind /mcp; all of them are listed already. */
export async function startFederation(
  scope: Scope,
  servers: ServerConfig[],
  more: Config = {},
  options: GatewayOptions & { identity?: HeaderMap } = {},
): Promise<Gateway> {
  const { identity, ...rest } = options;
  const gateway = await startGateway(scope, { ...rest, config: { servers, ...more } });
  if (identity) gateway.identity = identity;
  await untilListed(gateway, servers.map((server) => server.name));
  return gateway;
}

/** The result of a reply; fails when it is an error. */
export function resultOf(reply: Reply): any {
  const message = reply.messages.find(({ result, error }) => result !== undefined || error !== undefined);
  assert.ok(message?.result, `${reply.status} ${reply.text}`);
  return message.result;
}

/** The error of a reply. */
export function errorOf(reply: Reply): { code: number; message: string; data?: any } {
  const message = reply.messages.find(({ error }) => error !== undefined);
  assert.ok(message?.error, `${reply.status} ${reply.text}`);
  return message.error;
}

/** All pages of a list, as a modern client without a session sees it. */
export async function listAll(url: URL, kind: Kind, headers: HeaderMap = {}): Promise<any[]> {
  const method = kind === 'resourceTemplates' ? 'resources/templates/list' : `${kind}/list`;
  const items: any[] = [];
  for (let cursor: string | undefined; ; ) {
    const result = resultOf(await modernRequest(url, method, cursor === undefined ? {} : { cursor }, headers));
    items.push(...result[kind]);
    cursor = result.nextCursor;
    if (cursor === undefined) return items;
  }
}

export const toolNames = async (url: URL, headers: HeaderMap = {}): Promise<string[]> =>
  (await listAll(url, 'tools', headers)).map((item: { name: string }) => item.name);

/** Calls a tool as a modern client does; its result, errors of the tool included. */
export const callTool = async (url: URL, name: string, args: object = {}, headers: HeaderMap = {}): Promise<any> =>
  resultOf(await modernRequest(url, 'tools/call', { name, arguments: args }, headers));
