// server-everything over the transports that a remote server would have.

import { createServer } from 'node:net';
import { EVERYTHING } from './gateway.ts';
import { RunningProcess } from './processes.ts';
import type { Scope } from './scope.ts';

/** The server cannot be asked for any free port; one that was free a moment ago must do. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Where it listens. */
export async function startEverything(scope: Scope, transport: 'sse' | 'streamableHttp'): Promise<string> {
  const port = await freePort();
  const server = new RunningProcess(scope, process.execPath, [EVERYTHING, transport], { env: { PORT: String(port) } });
  await server.line(/(running|listening) on port/);
  return `http://127.0.0.1:${port}/${transport === 'sse' ? 'sse' : 'mcp'}`;
}
