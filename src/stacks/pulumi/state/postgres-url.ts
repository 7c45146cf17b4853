/** The state's own schema, beside that of the store: what the engine does there is its own affair. */
export const STATE_SCHEMA = 'supplant_state';

/**
 * The same place for the engine, whose driver takes a schema as a parameter, and wants a TLS connection unless told: what
 * connects here without one has to do so there, too.
 */
export function toEngineUrl(url: string): string {
  const [base = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('search_path', STATE_SCHEMA);
  if (!parameters.has('sslmode')) parameters.set('sslmode', 'disable');
  return `${base}?${parameters.toString()}`;
}

/** What the engine puts before all keys: the path of the URL, which is the database's name. */
export function readKeyPrefix(url: string): string {
  const [, path = ''] = /^[a-z]+:\/\/[^/?]*\/([^?]*)/i.exec(url) ?? [];
  return path === '' ? '.pulumi/' : `${decodeURIComponent(path)}/.pulumi/`;
}
