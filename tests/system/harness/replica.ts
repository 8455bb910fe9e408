// A replica server that runs by itself, as a remote server would.

import { ROOT } from './gateway.ts';
import { RunningProcess } from './processes.ts';
import type { Scope } from './scope.ts';

export interface RemoteReplica {
  url: string;
  process: RunningProcess;
}

export async function startReplica(scope: Scope): Promise<RemoteReplica> {
  const script = 'tests/system/fixtures/replica-server.ts';
  const process_ = new RunningProcess(scope, process.execPath, [script, '--http'], { cwd: ROOT, env: { PORT: '0' } });
  const [, url] = await process_.line(/is up on (http\S+)/);
  return { url: url!, process: process_ };
}
