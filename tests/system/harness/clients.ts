// The official SDK clients, connected and closed with the scope.

import assert from 'node:assert/strict';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpTransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as HttpTransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { onEnd, type Scope } from './scope.ts';

const identity = { name: 'system-test', version: '1.0.0' };

const noThrow = (promise: Promise<unknown>): Promise<unknown> => promise.catch(() => undefined);

async function connectOverV1(scope: Scope, transport: Transport): Promise<ClientV1> {
  const client = new ClientV1(identity, { capabilities: { sampling: {}, elicitation: {}, roots: {} } });
  onEnd(scope, () => noThrow(client.close()));
  await client.connect(transport);
  return client;
}

/** SDK v1 (legacy protocol) over Streamable HTTP. The session id is on `client.transport`. */
export const connectV1 = (scope: Scope, url: URL, options?: ConstructorParameters<typeof HttpTransportV1>[1]): Promise<ClientV1> =>
  connectOverV1(scope, new HttpTransportV1(url, options) as Transport);

/** SDK v1 over HTTP+SSE, the transport of 2024-11-05. */
export const connectSse = (scope: Scope, url: URL, headers: Record<string, string> = {}): Promise<ClientV1> =>
  connectOverV1(scope, new SSEClientTransport(url, { requestInit: { headers } }));

export type Era = 'legacy' | 'auto' | { pin: '2026-07-28' };
export const MODERN: Era = { pin: '2026-07-28' };

/** SDK v2 over Streamable HTTP, in the era that the test wants. */
export async function connectV2(
  scope: Scope,
  url: URL,
  era: Era,
  options?: ConstructorParameters<typeof HttpTransportV2>[1],
): Promise<ClientV2> {
  const client = new ClientV2(identity, { capabilities: {}, versionNegotiation: { mode: era } });
  onEnd(scope, () => noThrow(client.close()));
  await client.connect(new HttpTransportV2(url, options));
  return client;
}

/** The text of the first content block of a tool result. */
export function firstText(result: unknown): string {
  const { content } = result as { content?: { type: string; text?: string }[] };
  const text = content?.[0]?.text;
  if (text === undefined) throw new Error(`no text in ${JSON.stringify(result)}`);
  return text;
}

/**
 * Asserts that progress came as 1, 2, … `steps`. The last may be missing: the SDKs drop a notification whose handler has
 * not run when the result is right behind it.
 */
export function assertSteps(seen: number[], steps: number): void {
  const all = Array.from({ length: steps }, (_, index) => index + 1);
  assert.deepEqual(seen.length < steps ? [...seen, steps] : seen, all);
}
