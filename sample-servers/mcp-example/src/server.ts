// What the example offers: two tools, a resource and a prompt. Written once, served to both protocol eras.

import { setTimeout as delay } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/server';
import * as z from 'zod/v4';

export function createExampleServer(): McpServer {
  const server = new McpServer(
    { name: 'mcp-example', title: 'Example server', version: '1.0.0' },
    { instructions: 'Adds numbers, counts down with progress, and says hello.' },
  );

  server.registerTool(
    'add',
    {
      title: 'Add',
      description: 'Adds two numbers.',
      inputSchema: z.object({ a: z.number().describe('First term'), b: z.number().describe('Second term') }),
      outputSchema: z.object({ sum: z.number() }),
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }], structuredContent: { sum: a + b } }),
  );

  server.registerTool(
    'countdown',
    {
      title: 'Count down',
      description: 'Counts down to zero and reports progress at every step.',
      inputSchema: z.object({
        from: z.number().int().min(1).max(1000).default(5).describe('Where to start'),
        interval: z.number().int().min(0).max(60_000).default(200).describe('Milliseconds between two steps'),
      }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ from, interval }, ctx) => {
      const progressToken = ctx.mcpReq._meta?.progressToken;
      for (let step = 1; step <= from; ++step) {
        await delay(interval, undefined, { signal: ctx.mcpReq.signal });
        if (progressToken === undefined) continue;
        await ctx.mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress: step, total: from, message: `${from - step} to go` },
        });
      }
      return { content: [{ type: 'text', text: 'Lift-off.' }] };
    },
  );

  server.registerResource(
    'about',
    'example://about',
    { title: 'About', description: 'What this server is and which process answers.', mimeType: 'application/json' },
    (uri) => ({
      contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify({ name: 'mcp-example', pid: process.pid }) }],
    }),
  );

  server.registerPrompt(
    'greet',
    { title: 'Greet', description: 'A friendly greeting.', argsSchema: z.object({ name: z.string().describe('Who to greet') }) },
    ({ name }) => ({ messages: [{ role: 'user', content: { type: 'text', text: `Say hello to ${name} in one sentence.` } }] }),
  );

  return server;
}
