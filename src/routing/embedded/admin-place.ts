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

/** Names a router of another machine. */
export const ROUTER_VARIABLE = 'SUPPLANT_ROUTER';

/**
 * By SUPPLANT_ROUTER, with SUPPLANT_ROUTER_CA, SUPPLANT_ROUTER_TOKEN_FILE, and SUPPLANT_ROUTER_CERT and SUPPLANT_ROUTER_KEY.
 *
 * @param socketPath where the router of this machine is
 * @throws Error fit to show, with everything that is wrong
 */
export function readAdminPlace(env: NodeJS.ProcessEnv, socketPath: string): AdminPlace {
  const read = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const address = read(ROUTER_VARIABLE);
  if (address === undefined) return { socketPath };
  const [caFile, tokenFile, certFile, keyFile] = [
    read('SUPPLANT_ROUTER_CA'),
    read('SUPPLANT_ROUTER_TOKEN_FILE'),
    read('SUPPLANT_ROUTER_CERT'),
    read('SUPPLANT_ROUTER_KEY'),
  ];
  const url = parseAddress(address);
  const faults = [
    ...(url === undefined ? [`${ROUTER_VARIABLE} is no https://HOST:PORT; orders go over TLS only`] : []),
    ...((certFile === undefined) === (keyFile === undefined)
      ? []
      : ['SUPPLANT_ROUTER_CERT and SUPPLANT_ROUTER_KEY only work together']),
    ...(tokenFile === undefined && certFile === undefined && keyFile === undefined
      ? ['nothing says who asks: set SUPPLANT_ROUTER_TOKEN_FILE, or SUPPLANT_ROUTER_CERT and SUPPLANT_ROUTER_KEY']
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
