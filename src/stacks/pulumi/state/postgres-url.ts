/** The state's own schema, beside that of the store: what the engine does there is its own affair. */
export const STATE_SCHEMA = 'supplant_state';

/** What the connections of an engine are called that writes under a number, or of a worker that does so beside it. */
export function nameWriter(kind: 'engine' | 'worker', token: number): string {
  return `supplant ${kind} ${token}`;
}

/** Such a name, as a regular expression of Postgres: its groups are who writes, and the number. */
export const WRITER = '^supplant (engine|worker) ([0-9]{1,15})$';

/**
 * The same place for the engine, whose driver takes a schema as a parameter, and wants a TLS connection unless told: what
 * connects here without one has to do so there, too.
 * @param token what it is to write under; it goes with each connection as the application's name, which poolers hand on
 */
export function toEngineUrl(url: string, token?: number): string {
  const [base = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('search_path', STATE_SCHEMA);
  parameters.set('sslmode', readSslMode(parameters));
  for (const name of OURS_ONLY) parameters.delete(name);
  if (token !== undefined) parameters.set('application_name', nameWriter('engine', token));
  return `${base.replace(/^[a-z]+:/i, 'postgres:')}?${parameters.toString()}`;
}

/** Parameters that only the driver of Node has; that of the engine would hand them to the server, which refuses them. */
const OURS_ONLY = ['ssl', 'uselibpqcompat'];

/** What the driver of Node takes for more than it says, or what that of the engine does not have. */
const SAME_MODE: Record<string, string> = { disable: 'disable', 'no-verify': 'require' };
const SAME_MODE_AS_LIBPQ: Record<string, string> = { prefer: 'require' };

/** The engine checks a server's certificate where Supplant does, and nowhere else. */
function readSslMode(parameters: URLSearchParams): string {
  const mode = parameters.get('sslmode');
  if (mode === null) {
    const isSecured = ['true', '1'].includes(parameters.get('ssl') ?? '');
    return isSecured || ['sslcert', 'sslkey', 'sslrootcert'].some((name) => parameters.has(name))
      ? 'verify-full'
      : 'disable';
  }
  return parameters.get('uselibpqcompat') === 'true'
    ? (SAME_MODE_AS_LIBPQ[mode] ?? mode)
    : (SAME_MODE[mode] ?? 'verify-full');
}

/** What the engine puts before all keys: the path of the URL, which is the database's name. */
export function readKeyPrefix(url: string): string {
  const [, path = ''] = /^[a-z]+:\/\/[^/?]*\/([^?]*)/i.exec(url) ?? [];
  return path === '' ? '.pulumi/' : `${decodeURIComponent(path)}/.pulumi/`;
}
