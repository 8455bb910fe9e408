// Starting processes and looking at them from outside (Linux: /proc).

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import { onEnd, type Scope } from './scope.ts';
import { eventually, within } from './wait.ts';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process of ours: its output line by line, its end. Killed with the scope that started it. */
export class RunningProcess {
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly exited: Promise<Exit>;
  /** It has ended and its output is complete. */
  readonly closed: Promise<void>;
  exit: Exit | undefined;
  #ended = false;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;

  constructor(scope: Scope, command: string, args: string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) {
    // A runner that gives up on a test file kills it: then everything that the file started must go too.
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.stdout.push(line));
    createInterface({ input: this.#child.stderr }).on('line', (line) => this.stderr.push(line));
    this.exited = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code, signal) => resolve((this.exit = { code, signal })));
    });
    this.exited.catch(() => {});
    this.closed = new Promise((resolve) => {
      this.#child.once('close', () => {
        this.#ended = true;
        resolve();
      });
    });
    onEnd(scope, () => this.#end());
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the process did not start');
    return this.#child.pid;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Sends SIGTERM and waits for the end. */
  async terminate(deadline = 10_000): Promise<Exit> {
    this.signal('SIGTERM');
    return within(deadline, 'the end of the process after SIGTERM', this.exited);
  }

  async kill(): Promise<Exit> {
    this.signal('SIGKILL');
    return this.exited;
  }

  /** Everything that it wrote, both outputs. */
  get output(): string {
    return [...this.stdout, ...this.stderr].join('\n');
  }

  /** Waits for a line on either output and returns the match; rejects when the process ends without it. */
  async line(pattern: RegExp, deadline = 15_000): Promise<RegExpExecArray> {
    const match = await eventually(
      `a line like ${String(pattern)}`,
      () => [...this.stdout, ...this.stderr].map((line) => pattern.exec(line)).find(Boolean) ?? (this.#ended && 'ended'),
      { deadline },
    );
    if (match === 'ended') throw new Error(`the process ended with ${JSON.stringify(this.exit)}: ${this.output}`);
    return match;
  }

  async #end(): Promise<void> {
    if (this.exit || this.#child.pid === undefined) return;
    this.signal('SIGTERM');
    await within(5_000, `process ${this.pid} to end after SIGTERM`, this.exited).catch(async (error: unknown) => {
      await this.kill();
      throw error;
    });
  }
}

interface Stat {
  pid: number;
  state: string;
  parent: number;
  /** In clock ticks. */
  cpu: number;
  /** Tells a process from a later one with the same id. */
  start: string;
}

function stat(pid: number | string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      pid: Number(pid),
      state: fields[0]!,
      parent: Number(fields[1]),
      cpu: Number(fields[11]) + Number(fields[12]),
      start: fields[19]!,
    };
  } catch {
    return undefined;
  }
}

export type ProcessIdentity = Pick<Stat, 'pid' | 'start'>;

/** Children, their children, and so on; zombies left out. */
export function descendants(root: number): ProcessIdentity[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => stat(name) ?? []);
  const family = new Set([root]);
  for (let before = 0; before !== family.size; ) {
    before = family.size;
    for (const each of all) if (family.has(each.parent)) family.add(each.pid);
  }
  return all.filter((each) => each.pid !== root && family.has(each.pid) && each.state !== 'Z');
}

export function isAlive({ pid, start }: ProcessIdentity): boolean {
  const now = stat(pid);
  return now !== undefined && now.start === start && now.state !== 'Z';
}

export function rssBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  if (!line) throw new Error(`process ${pid} has no resident memory`);
  return Number(line[1]) * 1024;
}

/** Processor time that the process has used, user and system, in milliseconds. */
export function cpuMilliseconds(pid: number): number {
  const now = stat(pid);
  if (!now) throw new Error(`no process ${pid}`);
  return now.cpu * 10;
}
