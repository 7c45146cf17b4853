import { BlockList, isIP } from 'node:net';

/*
 * A hook's address is written by whoever describes a service, and called from where the workers are. So it may lead to what is
 * public, and to what an operator has allowed: else a description could ask on behalf of a worker what only that can reach
 * (server-side request forgery).
 */

/** The variable by which an operator allows hosts. */
export const ALLOW_VARIABLE = 'SUPPLANT_HOOK_ALLOW';

/** What an operator has allowed beside public addresses. */
export interface AllowedHosts {
  /** Names, in lower case: whatever they stand for. */
  names: ReadonlySet<string>;
  networks: BlockList;
  /** Addresses that are named one by one. */
  addresses: ReadonlySet<string>;
}

/** IANA's special-purpose registries (RFC 6890 and its updates): IPv4 that is not reachable from everywhere. */
const SPECIAL_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;
/** All of IPv6 that is global unicast is here, and in it these are not reachable, or wrap an IPv4 address. */
const GLOBAL_V6 = ['2000::', 3] as const;
const SPECIAL_V6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;
/** IPv4 in IPv6, its last 32 bits: mapped (RFC 4291), and translated (RFC 6052). */
const WRAPPED_V4 = [
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
] as const;
/**
 * Where machines in a cloud ask for their credentials: AWS (also ECS and EKS), Google, Azure, Alibaba, Oracle. A network that
 * is allowed does not allow these; each has to be named by itself.
 */
const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
];

const special = createList([...SPECIAL_V4, ...SPECIAL_V6]);
const global = createList([GLOBAL_V6]);
const wrapped = createList(WRAPPED_V4);
const metadata = createList(METADATA.map((address) => [address, isIP(address) === 6 ? 128 : 32] as const));

/**
 * Reads what an operator allows: names, addresses and networks with commas between them, `hooks.internal,10.2.0.0/16,::1`.
 *
 * @throws Error with all that is none of these
 */
export function readAllowedHosts(text = ''): AllowedHosts {
  const parts = text
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
  const names = new Set<string>();
  const addresses = new Set<string>();
  const networks = new BlockList();
  const faults = parts.filter((part) => {
    const [address = '', bits, ...rest] = part.replace(/^\[(.*)\]$/, '$1').split('/');
    const version = isIP(address);
    if (version === 0) names.add(part);
    if (version === 0) return !/^(?=.{1,253}$)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(part) || /^[\d.]+$/.test(part);
    const most = version === 6 ? 128 : 32;
    const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
    if (rest.length > 0 || !(prefix <= most)) return true;
    networks.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4');
    if (prefix === most) addresses.add(normalize(address));
    return false;
  });
  if (faults.length > 0) {
    const wanted = 'a host name, an address, or a network such as 10.2.0.0/16';
    throw new Error(`${faults.join(', ')}: each part of ${ALLOW_VARIABLE} has to be ${wanted}`);
  }
  return { names, networks, addresses };
}

/**
 * Why a hook may not be called at an address; undefined where it may.
 *
 * @param host as the URL names it
 * @param address what it stands for
 */
export function findAddressFault(host: string, address: string, allowed: AllowedHosts): string | undefined {
  const plain = unwrap(address);
  if (plain === undefined) return `${address} is no address that can be called`;
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  if (metadata.check(plain, family)) {
    return allowed.addresses.has(normalize(plain)) ? undefined : `${address} is where machines ask for credentials`;
  }
  if (allowed.names.has(host.toLowerCase()) || allowed.networks.check(plain, family)) return undefined;
  const isPublic = !special.check(plain, family) && (family === 'ipv4' || global.check(plain, family));
  return isPublic ? undefined : `${address} is no public address`;
}

/** The IPv4 address that an IPv6 one stands for, else the address itself; undefined for what is none. */
function unwrap(address: string): string | undefined {
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return undefined;
  if (version === 4 || !wrapped.check(address, 'ipv6')) return address;
  const [high = 0, low = 0] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .replace(/::$/, '::0')
    .split(':')
    .slice(-2)
    .map((group) => Number.parseInt(group === '' ? '0' : group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** One spelling for each address. */
function normalize(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname : address;
}

function createList(networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [address, bits] of networks) list.addSubnet(address, bits, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return list;
}
