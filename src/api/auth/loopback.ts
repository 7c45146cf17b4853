import { BlockList, isIP } from 'node:net';
import type { Binding } from '../../domain/access.ts';
import { UnauthenticatedError } from '../authenticator.ts';
import type { AccessAuthenticator, Identity, Presented } from './auth.ts';
import { identify } from './identity.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only this machine can reach the address: 127.0.0.0/8, ::1 and the name localhost. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const version = isIP(address);
  if (version === 0) return address === 'localhost';
  return LOOPBACK.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

const EVERYTHING: Binding = { subjects: ['*'], role: 'admin', services: ['*/*'] };

/**
 * Without access control: who works on this machine may do everything, under the name they claim.
 *
 * Web pages in a browser on this machine are kept out by the Host header. A page whose name was rebound to 127.0.0.1 is
 * of the same origin as we are, but its requests still carry that name.
 */
export class LoopbackAuthenticator implements AccessAuthenticator {
  async authenticate({ claimed, remoteAddress, host }: Presented): Promise<Identity> {
    if (remoteAddress !== undefined && !isLoopback(remoteAddress)) {
      throw new UnauthenticatedError('without access control, only callers on the same machine are answered');
    }
    if (host === undefined || !isLoopback(withoutPort(host))) {
      throw new UnauthenticatedError('without access control, the host has to be 127.0.0.1, [::1] or localhost');
    }
    return identify({ bindings: [EVERYTHING], separateApprover: [] }, { name: claimed ?? 'loopback', via: 'loopback' });
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}
