/**
 * With `/`, `?` or `#` as it is in a password, the rest of it looks like a path or a parameter, the beginning like a host and
 * a port, and both would be shown. Then there is an `@` where none can be.
 */
const PARTS_APART = /^[a-z]+:\/\/[^/?#]*(?:\/[^/?#@]*)?(?:\?[^#@]*)?$/i;

/** Whether a text is to be a URL of a Postgres database. */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:/i.test(text);
}

/**
 * As people may see it, without a password: put together from the parts that are no secret, rather than with the secret cut
 * out. Undefined when it is no URL.
 */
export function redactPostgresUrl(url: string): string | undefined {
  // A URL without a host, for a Unix socket, is one to Postgres and its clients, though not by the standard.
  const parsed = PARTS_APART.test(url) ? (URL.parse(url) ?? URL.parse(url.replace('@/', '@localhost/'))) : null;
  if (!parsed) return undefined;
  const { searchParams: more } = parsed;
  const user = parsed.username || encodeURIComponent(more.get('user') ?? '');
  const host = more.get('host') ?? parsed.hostname;
  const port = more.get('port') ?? parsed.port;
  const socket = host.startsWith('/');
  const authority = `${user === '' ? '' : `${user}@`}${socket ? '' : host}${port === '' ? '' : `:${port}`}`;
  return `postgres://${authority}${parsed.pathname}${socket ? `?host=${host}` : ''}`;
}

/** What is wrong with a URL that cannot be read. It is not repeated, since it may hold a password. @param what it is of: `store` */
export function describeUnreadableUrl(what: string): string {
  return (
    `the postgres:// URL of the ${what} cannot be read; write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with what is ` +
    'special in the password percent-encoded'
  );
}
