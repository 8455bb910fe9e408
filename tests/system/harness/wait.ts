import { setTimeout as delay } from 'node:timers/promises';

/**
 * Probes until `probe` returns something truthy and returns that. A probe that throws has not succeeded yet; when the
 * deadline (milliseconds) passes, its last error is the cause of ours.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  { deadline = 10_000, interval = 10 } = {},
): Promise<Exclude<T, false | '' | 0 | null | undefined>> {
  const end = performance.now() + deadline;
  for (;;) {
    let cause: unknown;
    try {
      const value = await probe();
      if (value) return value as Exclude<T, false | '' | 0 | null | undefined>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end) throw new Error(`after ${deadline} ms still not so: ${what}`, { cause });
    await delay(interval);
  }
}

/** Rejects when `promise` has not settled within the deadline (milliseconds). */
export async function within<T>(deadline: number, what: string, promise: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = delay(deadline, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`after ${deadline} ms still waiting for: ${what}`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}
