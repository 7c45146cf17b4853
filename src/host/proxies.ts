const PROXIES = ['http_proxy', 'https_proxy', 'grpc_proxy', 'all_proxy'];
const LOOPBACK = ['127.0.0.0/8', '127.0.0.1', 'localhost', '::1'];

/**
 * A proxy that the environment names is never asked for what is on this machine: by none of the libraries and programs that
 * read the environment, of this process and of those that it starts. Temporal, the engine's plugins and the services are here, and
 * no proxy leads back. Where there is no proxy, nothing is changed.
 */
export function neverProxyLoopback(env: NodeJS.ProcessEnv = process.env): void {
  if (!PROXIES.some((name) => isSet(env[name]) || isSet(env[name.toUpperCase()]))) return;
  const { no_proxy: lower, NO_PROXY: upper, no_grpc_proxy: grpc } = env;
  // Some read one, some the other.
  env.no_proxy = withLoopback(isSet(lower) ? lower : upper);
  env.NO_PROXY = withLoopback(isSet(upper) ? upper : lower);
  if (isSet(grpc)) env.no_grpc_proxy = withLoopback(grpc);
}

function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}

function withLoopback(list = ''): string {
  const named = list
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
  // An asterisk alone, for everything, is only understood alone.
  return named.includes('*') ? list : [...new Set([...named, ...LOOPBACK])].join(',');
}
