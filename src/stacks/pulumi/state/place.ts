import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeUnreadableUrl, isPostgresUrl, redactPostgresUrl } from '../../../host/postgres-url.ts';
import { isObjectStoreUrl, readObjectStoreUrl } from './object-store-url.ts';
import { toEngineUrl } from './postgres-url.ts';

/**
 * Where the engine's state is: a folder of this machine, a Postgres database by its URL, which may hold a password, or a
 * bucket of a cloud's object store.
 */
export type StatePlace =
  { kind: 'folder'; path: string } | { kind: 'postgres'; url: string } | { kind: 'objects'; url: string };

/** The environment variables that name the place, and what encrypts the secrets there: a passphrase in a file, or a cloud's key. */
export const STATE_VARIABLE = 'SUPPLANT_STATE';
const PASSPHRASE_VARIABLE = 'SUPPLANT_PASSPHRASE_FILE';
const PROVIDER_VARIABLE = 'SUPPLANT_SECRETS_PROVIDER';

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;

/**
 * Reads a folder's path, a `postgres://` URL, or that of a bucket.
 *
 * @throws Error fit to show when it is none of these; what was given is not repeated, since it may hold a password
 */
function parseStatePlace(text: string): StatePlace {
  if (isPostgresUrl(text)) {
    if (redactPostgresUrl(text) !== undefined) return { kind: 'postgres', url: text };
    throw new Error(describeUnreadableUrl('state'));
  }
  if (isObjectStoreUrl(text)) return { kind: 'objects', url: readObjectStoreUrl(text).href };
  const scheme = SCHEME.exec(text)?.[1];
  if (scheme === undefined) return { kind: 'folder', path: resolve(text) };
  throw new Error(
    `state at ${scheme}://… is not known; name a folder, postgres://USER@HOST:PORT/DATABASE, s3://BUCKET, gs://BUCKET or ` +
      'azblob://CONTAINER',
  );
}

/** What a state's place follows from beside the environment. */
export interface StateChoice {
  /** What the option `--state` names. */
  option?: string | undefined;
  /** The installation's store, as it is given: a path or a `postgres://` URL. */
  store?: string | undefined;
}

/**
 * Where the option says that the state is, else the environment, else the store: one that is a Postgres database holds the
 * state, too, so that every machine with the same store finds it. Nothing where the state is in the data folder, as its secret is.
 *
 * @throws Error fit to show when the place is none
 */
export function readStateSettings(
  env: Readonly<Record<string, string | undefined>>,
  { option, store }: StateChoice = {},
): {
  state?: StatePlace;
  passphraseFile?: string;
  secretsProvider?: string;
} {
  const { [STATE_VARIABLE]: variable, [PASSPHRASE_VARIABLE]: file = '' } = env;
  const provider = parseSecretsProvider(env[PROVIDER_VARIABLE]);
  if (provider !== undefined && file !== '') {
    throw new Error(`${PROVIDER_VARIABLE} and ${PASSPHRASE_VARIABLE} exclude each other: set one of them`);
  }
  const beside = store !== undefined && isPostgresUrl(store) ? store : undefined;
  const place = [option, variable, beside].find((text) => text !== undefined && text !== '');
  return {
    ...(place === undefined ? {} : { state: parseStatePlace(place) }),
    ...(file === '' ? {} : { passphraseFile: file }),
    ...(provider === undefined ? {} : { secretsProvider: provider }),
  };
}

/** As the engine calls them. */
const PROVIDERS = ['awskms', 'azurekeyvault', 'gcpkms', 'hashivault'];

/** The URL of a cloud's key; undefined for a passphrase, which it is unless told. */
function parseSecretsProvider(text = ''): string | undefined {
  if (text === '' || text === 'passphrase') return undefined;
  if (PROVIDERS.some((scheme) => text.startsWith(`${scheme}://`))) return text;
  const known = PROVIDERS.map((scheme) => `${scheme}://…`).join(', ');
  throw new Error(`${PROVIDER_VARIABLE} is none that is known; write passphrase, ${known}`);
}

/**
 * What a place cannot do that keeps machines apart, in a sentence without a full stop; nothing where it can, or is on one machine.
 * The claims in the ledger are no fence: between a look at them and a write an engine can stand still with its machine, and what the
 * engine writes to a bucket carries nothing that the bucket could compare.
 */
export function describeMissingFence(place: StatePlace | undefined): string | undefined {
  if (place?.kind !== 'objects') return undefined;
  const { protocol } = new URL(place.url);
  return (
    `the state at ${protocol}//… has no fence: an engine that stands still with its machine until another one has taken its stack over, ` +
    'and then goes on, can write an old state over the new one'
  );
}

/** What helps where a state has no fence. */
export const FENCE_HELP =
  'with workers on several machines keep the state in Postgres, or let one machine alone have workers (docs/operating/state.md)';

/**
 * What the engine calls the place.
 * @param token what it is to write under, where the state can tell by it who has lost a stack; see {@link StateStore.fence}
 */
export function toBackendUrl(place: StatePlace, token?: number): string {
  if (place.kind === 'folder') return pathToFileURL(place.path).href;
  return place.kind === 'postgres' ? toEngineUrl(place.url, token) : place.url;
}
