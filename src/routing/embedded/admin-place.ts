/** Where a router process takes orders: at a Unix socket of this machine, or over TLS anywhere. */
export type AdminPlace = { socketPath: string } | TlsPlace;

/** Files are read when they are needed, so that one that is replaced counts from then on. */
export interface TlsPlace {
  /** `https://HOST:PORT` */
  url: string;
  /** Certificate authorities, PEM; those that the system trusts unless told. */
  caFile?: string;
  tokenFile?: string;
  /** A client certificate and its key, PEM. */
  pair?: { certFile: string; keyFile: string };
}

/** The variables that name a router of another machine. */
export interface PlaceVariables {
  /** `https://HOST:PORT`; the others mean nothing without it. */
  url: string;
  ca: string;
  tokenFile: string;
  cert: string;
  key: string;
}

/** Of the embedded router. */
export const ROUTER_VARIABLES: PlaceVariables = {
  url: 'SUPPLANT_ROUTER',
  ca: 'SUPPLANT_ROUTER_CA',
  tokenFile: 'SUPPLANT_ROUTER_TOKEN_FILE',
  cert: 'SUPPLANT_ROUTER_CERT',
  key: 'SUPPLANT_ROUTER_KEY',
};

/** Of the router that runs HAProxy. */
export const HAPROXY_VARIABLES: PlaceVariables = {
  url: 'SUPPLANT_HAPROXY',
  ca: 'SUPPLANT_HAPROXY_CA',
  tokenFile: 'SUPPLANT_HAPROXY_TOKEN_FILE',
  cert: 'SUPPLANT_HAPROXY_CERT',
  key: 'SUPPLANT_HAPROXY_KEY',
};

/**
 * Where a router takes orders, by its variables.
 *
 * @param socketPath where the router of this machine is
 * @throws Error fit to show, with everything that is wrong
 */
export function readAdminPlace(env: NodeJS.ProcessEnv, variables: PlaceVariables, socketPath: string): AdminPlace {
  const read = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const address = read(variables.url);
  if (address === undefined) return { socketPath };
  const { ca, tokenFile: token, cert, key } = variables;
  const [caFile, tokenFile, certFile, keyFile] = [ca, token, cert, key].map(read);
  const url = parseAddress(address);
  const faults = [
    ...(url === undefined ? [`${variables.url} is no https://HOST:PORT; orders go over TLS only`] : []),
    ...((certFile === undefined) === (keyFile === undefined) ? [] : [`${cert} and ${key} only work together`]),
    ...(tokenFile === undefined && certFile === undefined && keyFile === undefined
      ? [`nothing says who asks: set ${token}, or ${cert} and ${key}`]
      : []),
  ];
  if (url === undefined || faults.length > 0) throw new Error(faults.join('; '));
  return {
    url,
    ...(caFile === undefined ? {} : { caFile }),
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(certFile === undefined || keyFile === undefined ? {} : { pair: { certFile, keyFile } }),
  };
}

/** As people may see it. */
export function describePlace(place: AdminPlace): string {
  return 'url' in place ? place.url : place.socketPath;
}

function parseAddress(text: string): string | undefined {
  const url = URL.parse(text);
  const isPlain = url?.protocol === 'https:' && `${url.username}${url.password}${url.search}${url.hash}` === '';
  return isPlain && url.pathname === '/' ? url.origin : undefined;
}
