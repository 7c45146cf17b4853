/** What is written on the request line, and the host that it names. */
export interface RequestTarget {
  path: string;
  /** Takes the place of the `Host` header (RFC 9112, 3.2.2); undefined when the target names none. */
  host: string | undefined;
}

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)(.*)$/is;

/**
 * Clients that take the router for a forward proxy send the whole URL; a service expects the path. Nothing else of it
 * is touched: no dots, no escapes.
 */
export function readRequestTarget(method: string, target: string): RequestTarget {
  if (target.startsWith('/')) return { path: target, host: undefined };
  const absolute = method === 'CONNECT' ? null : ABSOLUTE.exec(target);
  if (!absolute) return { path: target, host: undefined };
  const [, authority = '', rest = ''] = absolute;
  // An empty authority says nothing about the host; user names do not belong into `Host`.
  const host = authority.slice(authority.lastIndexOf('@') + 1) || undefined;
  if (rest === '') return { path: method === 'OPTIONS' ? '*' : '/', host };
  return { path: rest.startsWith('/') ? rest : `/${rest}`, host };
}
