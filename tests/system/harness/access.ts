// Callers with API keys, and what they send.

import { Session, type HeaderMap } from './wire.ts';
import type { Config } from './gateway.ts';

/** Somebody whose API key the configuration file has; his user id is `key:<name>`. */
export interface Person {
  name: string;
  key: string;
  roles: string[];
}

export const person = (name: string, ...roles: string[]): Person => ({ name, key: `${name}-key-0123456789abcdef`, roles });

export const as = (who: Person): HeaderMap => ({ 'x-api-key': who.key });

/** An administrator, for what a test prepares. */
export const ADMIN = person('root', 'mcp.admin');
export const ALICE = person('alice', 'reader');
export const BOB = person('bob', 'reader');

/** `auth` of a configuration that knows these people. */
export const people = (...all: Person[]): Config => ({ auth: { keys: [ADMIN, ALICE, BOB, ...all] } });

export const openAs = (who: Person, url: URL): Promise<Session> => Session.open(url, as(who));
