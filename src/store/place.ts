import { resolve } from 'node:path';
import { AuditUnavailableError } from './audit/store.ts';

/** Where a store is: a SQLite file, or a Postgres database by its URL, which may hold a password. */
export type StorePlace = { kind: 'sqlite'; path: string } | { kind: 'postgres'; url: string };

/** The environment variable that names a store, as the option `--store` does. */
export const STORE_VARIABLE = 'SUPPLANT_STORE';

const POSTGRES = /^postgres(?:ql)?:/i;
/**
 * With `/`, `?` or `#` as it is in a password, the rest of it looks like a path or a parameter, the beginning like a host and
 * a port, and both would be shown. Then there is an `@` where none can be.
 */
const PARTS_APART = /^[a-z]+:\/\/[^/?#]*(?:\/[^/?#@]*)?(?:\?[^#@]*)?$/i;
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
  if (POSTGRES.test(text)) {
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
 * Put together from the parts that are no secret, rather than with the secret cut out.
 *
 * @throws AuditUnavailableError when it is no URL
 */
export function redactUrl(url: string): string {
  // A URL without a host, for a Unix socket, is one to Postgres and its clients, though not by the standard.
  const parsed = PARTS_APART.test(url) ? (URL.parse(url) ?? URL.parse(url.replace('@/', '@localhost/'))) : null;
  if (!parsed) {
    throw new AuditUnavailableError(
      'the postgres:// URL of the store cannot be read; write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with what is ' +
        'special in the password percent-encoded',
    );
  }
  const { searchParams: more } = parsed;
  const user = parsed.username || encodeURIComponent(more.get('user') ?? '');
  const host = more.get('host') ?? parsed.hostname;
  const port = more.get('port') ?? parsed.port;
  const socket = host.startsWith('/');
  const authority = `${user === '' ? '' : `${user}@`}${socket ? '' : host}${port === '' ? '' : `:${port}`}`;
  return `postgres://${authority}${parsed.pathname}${socket ? `?host=${host}` : ''}`;
}
