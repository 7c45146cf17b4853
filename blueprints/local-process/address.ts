import { isIPv4 } from 'node:net';

/** Of a worker: the address of its machine that processes listen at, and that the router reaches them by. */
export const ADDRESS_VARIABLE = 'SUPPLANT_LOCAL_ADDRESS';

const LOOPBACK = '127.0.0.1';
const EVERY_ADDRESS = '0.0.0.0';

/**
 * Where processes listen: on loopback unless told, which is enough where the router is on the same machine.
 * @throws Error where it is no address that a router could be told
 */
export function readListenAddress(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const address = env[ADDRESS_VARIABLE] ?? '';
  if (address === '') return LOOPBACK;
  if (isIPv4(address) && address !== EVERY_ADDRESS) return address;
  throw new Error(
    `${ADDRESS_VARIABLE} is ${address}; it has to be one IPv4 address of this machine, by which the router reaches it, such as 10.0.0.5`,
  );
}
