// A gateway process: started on a free port with a configuration of the test, stopped with its scope.

import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { RunningProcess, type Exit } from './processes.ts';
import { onEnd, type Scope } from './scope.ts';
import { eventually } from './wait.ts';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const BINARY = resolve(ROOT, process.env.MCP_GATEWAY_BIN ?? 'build/dev/src/app/mcp-gateway');

/** An entry of `servers:`. */
export type ServerConfig = { name: string } & Record<string, unknown>;
export type Config = { servers?: ServerConfig[] } & Record<string, unknown>;

export interface GatewayOptions {
  /** An object is written as JSON, which YAML contains; a string is written as it is. */
  config?: Config | string;
  /** Default: an empty one that goes with the scope. */
  stateDir?: string;
  /** Default: any free port of 127.0.0.1; null leaves it to the configuration. */
  listen?: string | null;
  env?: NodeJS.ProcessEnv;
  args?: string[];
}

export interface AdapterStatus {
  readyReplicas: number;
  updatedReplicas: number;
  availableReplicas: number;
  replicaStatus: string;
  instances: { instance: number; state: string; [more: string]: unknown }[];
}

export async function temporaryDirectory(scope: Scope): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'mcp-gateway-test-'));
  onEnd(scope, () => rm(path, { recursive: true, force: true }));
  return path;
}

/** A server from this repository, run by the node that runs the tests. */
export const nodeServer = (name: string, script: string, args: string[], more: object = {}): ServerConfig => ({
  name,
  command: process.execPath,
  args: [resolve(ROOT, script), ...args],
  cwd: ROOT,
  ...more,
});

export const exampleServer = (more: object = {}): ServerConfig =>
  nodeServer('example', 'sample-servers/mcp-example/src/main.ts', ['--http'], { transport: 'http', ...more });

export const EVERYTHING = resolve(ROOT, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');

export const everythingServer = (more: object = {}): ServerConfig =>
  nodeServer('everything', EVERYTHING, ['stdio'], { transport: 'stdio', ...more });

export class Gateway {
  readonly url: string;
  readonly process: RunningProcess;
  readonly configFile: string;
  readonly stateDir: string;
  /** Sent with every request of api(), json(), status() and metric(): who asks. */
  identity: Record<string, string> = {};

  constructor(url: string, process: RunningProcess, configFile: string, stateDir: string) {
    this.url = url;
    this.process = process;
    this.configFile = configFile;
    this.stateDir = stateDir;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  endpoint(adapter: string, path = 'mcp'): URL {
    return new URL(`/adapters/${adapter}/${path}`, this.url);
  }

  /** A request to the REST API; an object as body is sent as JSON. */
  async api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(new URL(path, this.url), {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...this.identity, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  async json<T = Record<string, any>>(path: string): Promise<T> {
    const response = await this.api('GET', path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async status(adapter: string): Promise<AdapterStatus> {
    return this.json<AdapterStatus>(`/adapters/${adapter}/status`);
  }

  /** Waits until that many replicas of the adapter take new sessions. */
  async ready(adapter: string, replicas = 1): Promise<void> {
    await eventually(
      `${replicas} ready replicas of ${adapter}`,
      async () => {
        const status = await this.status(adapter);
        if (status.readyReplicas !== replicas) throw new Error(JSON.stringify(status));
        return true;
      },
      { deadline: 20_000 },
    );
  }

  /** The value of a metric: the sum over all samples whose labels include these. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    const text = await (await this.api('GET', '/metrics')).text();
    const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
    return text
      .split('\n')
      .filter((line) => new RegExp(`^${name}[{ ]`).test(line) && wanted.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** Replaces the configuration file in one step, as an editor does. */
  writeConfig(config: Config | string): void {
    writeConfig(this.configFile, config);
  }

  /** Lines of the log at level error. */
  errors(): string[] {
    return this.process.stderr.filter((line) => /"level":"error"|^(\S+ )?error\b|\blevel=error\b/i.test(line));
  }

  stop(): Promise<Exit> {
    return this.process.terminate();
  }

  kill(): Promise<Exit> {
    return this.process.kill();
  }
}

/** Whatever a test was about: unless it killed the gateway, SIGTERM must end it, with 0. A sanitizer says otherwise. */
async function endWell(gateway: RunningProcess): Promise<void> {
  const exit = gateway.exit ?? (await gateway.terminate());
  if (exit.code === 0 || exit.signal === 'SIGKILL') return;
  throw new Error(`the gateway ended with ${JSON.stringify(exit)}:\n${gateway.output}`);
}

function writeConfig(file: string, config: Config | string): void {
  writeFileSync(`${file}.new`, typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  renameSync(`${file}.new`, file);
}

export async function startGateway(scope: Scope, options: GatewayOptions = {}): Promise<Gateway> {
  if (!existsSync(BINARY)) throw new Error(`no gateway at ${BINARY}: build it, or name it in MCP_GATEWAY_BIN`);
  const stateDir = options.stateDir ?? (await temporaryDirectory(scope));
  const configDir = await temporaryDirectory(scope);
  const configFile = join(configDir, 'mcp-gateway.yaml');
  writeConfig(configFile, options.config ?? {});

  const process_ = new RunningProcess(
    scope,
    BINARY,
    [
      'serve',
      ...['--config', configFile],
      ...(options.listen === null ? [] : ['--listen', options.listen ?? '127.0.0.1:0']),
      ...['--state-dir', stateDir],
      ...(options.args ?? []),
    ],
    { cwd: ROOT, env: { PATH: dirname(process.execPath) + delimiter + process.env.PATH, ...options.env } },
  );
  const [, url] = await process_.line(/mcp-gateway listening on (https?:\/\/\S+)/);
  onEnd(scope, () => endWell(process_));
  return new Gateway(url!, process_, configFile, stateDir);
}

/** The fixture whose tools show which process answers. */
export const replicaServer = (name: string, mode: '--http' | '--stdio', more: object = {}): ServerConfig =>
  nodeServer(name, 'tests/system/fixtures/replica-server.ts', [mode], { transport: mode.slice(2), ...more });
