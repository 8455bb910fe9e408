// The server that the official conformance suite examines, directly and through the gateway: every tool, prompt and
// resource that the suite asks for, in both protocol eras, on $HOST:$PORT at /mcp.
//
// Nothing is shared between processes, neither the key that signs `requestState` nor the bus of changes: two replicas
// pass only behind something that brings a client back to the replica that it spoke to.

import { McpServer, type McpRequestContext } from '@modelcontextprotocol/server';
import { onShutdown, serveHttp, type RunningServer } from '../../sample-servers/mcp-example/src/http.ts';
import { SessionEvents } from './fixture/event-store.ts';
import { registerInteractive, requestState } from './fixture/interactive.ts';
import { registerPrompts } from './fixture/prompts.ts';
import { registerLegacySubscriptions, registerResources } from './fixture/resources.ts';
import { registerTools } from './fixture/tools.ts';

function createFixture({ era }: McpRequestContext): McpServer {
  const server = new McpServer(
    { name: 'conformance-fixture', version: '1.0.0' },
    {
      capabilities: {
        logging: {},
        completions: {},
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
      },
      requestState,
    },
  );
  registerTools(server, () => running.notify);
  registerInteractive(server);
  registerResources(server);
  registerPrompts(server);
  if (era === 'legacy') registerLegacySubscriptions(server);
  return server;
}

const running: RunningServer = await serveHttp(createFixture, {
  eventStore: () => new SessionEvents(),
  retryInterval: 500,
});
onShutdown(() => running.close());
console.error(`conformance fixture listening on ${running.url}`);
