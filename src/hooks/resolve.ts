import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { HookRefusedError, HookUnavailableError } from './caller.ts';
import { ALLOW_VARIABLE, type AllowedHosts, findAddressFault } from './reachable.ts';

/** What a name stands for, all of it. */
export type ResolveName = (name: string) => Promise<readonly LookupAddress[]>;

const resolveBySystem: ResolveName = (name) => lookup(name, { all: true, order: 'verbatim' });

/**
 * The addresses at which a hook is called. They are looked up once, and what is connected to is one of these: a name that
 * stands for something else a moment later leads nowhere else.
 *
 * @throws HookRefusedError where one of them may not be called
 * @throws HookUnavailableError where the name stands for nothing now
 */
export async function resolveHook(
  url: URL,
  allowed: AllowedHosts,
  resolve: ResolveName = resolveBySystem,
): Promise<readonly LookupAddress[]> {
  // The URL's own parser has made 0x7f.1 and 2130706433 what they stand for.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const version = isIP(host);
  const addresses = version === 0 ? await look(host, resolve) : [{ address: host, family: version }];
  const faults = addresses.flatMap(({ address }) => findAddressFault(host, address, allowed) ?? []);
  if (faults.length === 0) return addresses;
  const stands = version === 0 ? `${host} stands for it; ` : '';
  throw new HookRefusedError(
    `${url.origin} is not called: ${faults.join(', ')} (${stands}an operator allows it by ${ALLOW_VARIABLE} of the workers)`,
  );
}

async function look(host: string, resolve: ResolveName): Promise<readonly LookupAddress[]> {
  try {
    const found = await resolve(host);
    if (found.length > 0) return found;
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new HookUnavailableError(`${host} could not be looked up: ${why}`, { cause: error });
  }
  throw new HookUnavailableError(`${host} stands for no address`);
}
