// Who owns what a test starts: the context of a node:test test is a Scope, a script makes one with `withScope`.

import { after } from 'node:test';

export interface Scope {
  after(release: () => unknown): void;
}

const releasesOf = new WeakMap<Scope, (() => unknown)[]>();

/** Runs `release` when the scope ends, the last registered first: a process stops before its directory goes. */
export function onEnd(scope: Scope, release: () => unknown): void {
  let releases = releasesOf.get(scope);
  if (!releases) {
    const all: (() => unknown)[] = (releases = []);
    releasesOf.set(scope, all);
    scope.after(async () => {
      for (let next = all.pop(); next; next = all.pop()) await next();
    });
  }
  releases.push(release);
}

export async function withScope<T>(body: (scope: Scope) => Promise<T>): Promise<T> {
  let end: () => unknown = () => {};
  try {
    return await body({ after: (release) => void (end = release) });
  } finally {
    await end();
  }
}

/** The scope of the enclosing `describe`; to be called directly in it. */
export function suiteScope(): Scope {
  const releases: (() => unknown)[] = [];
  after(async () => {
    for (const release of releases) await release();
  });
  return { after: (release) => void releases.push(release) };
}
