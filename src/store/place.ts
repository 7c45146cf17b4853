import { resolve } from 'node:path';
import { describeUnreadableUrl, isPostgresUrl, redactPostgresUrl } from '../host/postgres-url.ts';
import { AuditUnavailableError } from './audit/store.ts';

/** Where a store is: a SQLite file, or a Postgres database by its URL, which may hold a password. */
export type StorePlace = { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string };

/** The environment variable that names a store, as the option `--store` does. */
export const STORE_VARIABLE = 'SUPPLANT_STORE';

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

/** Which store is asked for: by the option, else by the environment. Without one it is the file in the data folder. */
export function chooseStore(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return [option, env[STORE_VARIABLE]].find((text) => text !== undefined && text !== '');
}

/**
 * Reads a path or a `postgres://` URL.
 *
 * @throws AuditUnavailableError when it is neither; what was given is not repeated, since it may hold a password
 */
export function parsePlace(text: string): StorePlace {
  if (isPostgresUrl(text)) {
    redactUrl(text);
    return { kind: 'postgres', url: text };
  }
  const scheme = SCHEME.exec(text)?.[1];
  if (scheme !== undefined) {
    throw new AuditUnavailableError(
      `a store at ${scheme}://… is not known; name a file or postgres://USER@HOST:PORT/DATABASE`,
    );
  }
  return { kind: 'sqlite', path: text };
}

/** The same place for a process that runs elsewhere: with its path resolved. */
export function resolvePlace(text: string, workingDirectory: string): string {
  const place = parsePlace(text);
  return place.kind === 'sqlite' && place.path !== ':memory:' ? resolve(workingDirectory, place.path) : text;
}

/** As people may see it, without a password. */
export function redactPlace(text: string): string {
  const place = parsePlace(text);
  return place.kind === 'sqlite' ? place.path : redactUrl(place.url);
}

/**
 * A database's URL as people may see it.
 *
 * @throws AuditUnavailableError when it is no URL
 */
export function redactUrl(url: string): string {
  const redacted = redactPostgresUrl(url);
  if (redacted !== undefined) return redacted;
  throw new AuditUnavailableError(describeUnreadableUrl('store'));
}
