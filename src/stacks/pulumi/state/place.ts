import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeUnreadableUrl, isPostgresUrl, redactPostgresUrl } from '../../../host/postgres-url.ts';
import { toEngineUrl } from './postgres-url.ts';

/** Where the engine's state is: a folder of this machine, or a Postgres database by its URL, which may hold a password. */
export type StatePlace = { kind: 'folder'; path: string } | { kind: 'postgres'; url: string };

/** The environment variables that name the place, and the file with the secret that encrypts what is there. */
export const STATE_VARIABLE = 'SUPPLANT_STATE';
const PASSPHRASE_VARIABLE = 'SUPPLANT_PASSPHRASE_FILE';

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

/**
 * Reads a folder's path or a `postgres://` URL.
 *
 * @throws Error fit to show when it is neither; what was given is not repeated, since it may hold a password
 */
function parseStatePlace(text: string): StatePlace {
  if (isPostgresUrl(text)) {
    if (redactPostgresUrl(text) !== undefined) return { kind: 'postgres', url: text };
    throw new Error(describeUnreadableUrl('state'));
  }
  const scheme = SCHEME.exec(text)?.[1];
  if (scheme === undefined) return { kind: 'folder', path: resolve(text) };
  throw new Error(`state at ${scheme}://… is not known; name a folder or postgres://USER@HOST:PORT/DATABASE`);
}

/**
 * Where the environment says that the state is, and its secret. Nothing where it says nothing: both are in the data folder.
 *
 * @throws Error fit to show when the place is none
 */
export function readStateSettings(env: Readonly<Record<string, string | undefined>>): {
  state?: StatePlace;
  passphraseFile?: string;
} {
  const { [STATE_VARIABLE]: place = '', [PASSPHRASE_VARIABLE]: file = '' } = env;
  return {
    ...(place === '' ? {} : { state: parseStatePlace(place) }),
    ...(file === '' ? {} : { passphraseFile: file }),
  };
}

/** What the engine calls the place. */
export function toBackendUrl(place: StatePlace): string {
  return place.kind === 'folder' ? pathToFileURL(place.path).href : toEngineUrl(place.url);
}
