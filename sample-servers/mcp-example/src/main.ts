// node src/main.ts --http     Streamable HTTP on $HOST:$PORT, endpoint /mcp
// node src/main.ts --stdio    one client on stdin and stdout

import { parseArgs } from 'node:util';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { onShutdown, serveHttp } from './http.ts';
import { createExampleServer } from './server.ts';

const { values } = parseArgs({ options: { http: { type: 'boolean' }, stdio: { type: 'boolean' } } });

if (values.http === values.stdio) {
  console.error('mcp-example: say either --http or --stdio');
  process.exit(2);
}

const server = values.http ? await serveHttp(createExampleServer) : serveStdio(createExampleServer);
onShutdown(() => server.close());
if ('url' in server) console.error(`mcp-example listening on ${server.url}`);
