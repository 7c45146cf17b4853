import { BlockList, isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../../host/loopback.ts';
import type { FlatHeaders } from './headers.ts';

/** Where the services' clients connect. */
export interface ClientPlace {
  /** An address of this machine, or all of them. */
  listen: string;
  /** What clients call this machine at that address. */
  host: string;
  /** What they call it in any case, where that was said. */
  name?: string;
  /** Who may say where a request comes from: `Forwarded` and `X-Forwarded-*` of others are not passed on. */
  isTrusted: (address: string | undefined) => boolean;
  /** The addresses and networks among them, beside this machine's. */
  proxies: readonly string[];
}

/** This machine only. */
export const LOOPBACK = '127.0.0.1';

const ALL = ['0.0.0.0', '::'];

/**
 * Reads what the options of a router's process say; adds to `faults` what is wrong.
 * @param proxies addresses and networks, `10.0.0.0/8`, whose word on a request's origin counts beside this machine's
 */
export function parseClientPlace(
  { listen, address, proxies }: { listen?: string | undefined; address?: string | undefined; proxies: string[] },
  faults: string[],
): ClientPlace {
  const at = listen ?? LOOPBACK;
  if (isIP(at) === 0) faults.push('--listen takes an IP address of this machine, 0.0.0.0 or ::');
  if (address === undefined && ALL.includes(at)) {
    faults.push(`--address is missing: nobody can connect to ${at}; say how clients call this machine`);
  }
  if (address !== undefined && !/^[A-Za-z0-9.:_-]+$/.test(address)) {
    faults.push('--address takes a host name or an address without brackets');
  }
  for (const proxy of proxies.filter((each) => parseNetwork(each) === undefined)) {
    faults.push(`--trust-proxy ${proxy} is no address or network; write it as 10.0.0.7 or 10.0.0.0/8`);
  }
  const name = address === undefined ? {} : { name: address };
  return { listen: at, host: address ?? at, ...name, isTrusted: trustOnly(proxies), proxies };
}

/** What clients call this machine where a service listens at an address of its own. One that is open to all may be called by any of them. */
export function nameHost({ listen: usual, host, name = LOOPBACK }: ClientPlace, listen: string): string {
  if (listen === usual) return host;
  return ALL.includes(listen) ? name : listen;
}

function trustOnly(proxies: readonly string[]): ClientPlace['isTrusted'] {
  const trusted = new BlockList();
  for (const { address, bits, family } of proxies.map(parseNetwork).filter((each) => each !== undefined)) {
    trusted.addSubnet(address, bits, family);
  }
  return (address = '') => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const version = isIP(plain);
    return version !== 0 && (isLoopback(plain) || trusted.check(plain, version === 6 ? 'ipv6' : 'ipv4'));
  };
}

function parseNetwork(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', size, ...rest] = text.split('/');
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const bits = size === undefined ? most : /^\d+$/.test(size) ? Number(size) : -1;
  if (version === 0 || rest.length > 0 || bits < 0 || bits > most) return undefined;
  return { address, bits, family: version === 6 ? 'ipv6' : 'ipv4' };
}

const SPOKEN_FOR = /^(?:forwarded|x-forwarded-.*)$/i;

/** Takes out what a client has no right to say. */
export function dropForwarded(request: IncomingMessage): void {
  for (const name of Object.keys(request.headers)) {
    if (SPOKEN_FOR.test(name)) Reflect.deleteProperty(request.headers, name);
  }
  const kept: FlatHeaders = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(index, index + 2);
    if (!SPOKEN_FOR.test(name)) kept.push(name, value);
  }
  request.rawHeaders = kept;
}
