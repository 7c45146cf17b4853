import { execFile } from 'node:child_process';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { isExecutable } from '../../host/executable.ts';

/** Where packages put it, which is in the path of few users. */
const PLACES = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];

/** The first release with all that the router asks of it. */
const LEAST = [2, 6] as const;

const INSTALL_HINT = 'install it (Debian and Ubuntu: apt-get install haproxy), or put its folder into PATH';

/** HAProxy is needed and is not there, or not new enough. */
export class HaproxyMissingError extends Error {
  override readonly name = 'HaproxyMissingError';
}

export interface HaproxyProgram {
  path: string;
  /** `2.6.12-1+deb12u4` */
  version: string;
}

/**
 * HAProxy in the path, or where packages put it.
 *
 * @throws HaproxyMissingError that says what to do
 */
export async function findHaproxy(
  env: Readonly<Record<string, string | undefined>> = process.env,
  places: readonly string[] = PLACES,
): Promise<HaproxyProgram> {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(isAbsolute), ...places];
  const path = folders.map((folder) => join(folder, 'haproxy')).find(isExecutable);
  if (path === undefined) throw new HaproxyMissingError(`there is no haproxy on this machine; ${INSTALL_HINT}`);
  let said: string;
  try {
    said = (await promisify(execFile)(path, ['-v'])).stdout;
  } catch (error) {
    throw new HaproxyMissingError(`${path} cannot be run: ${(error as Error).message}`, { cause: error });
  }
  const version = parseVersion(said);
  if (version === undefined) throw new HaproxyMissingError(`${path} does not say which version it is`);
  if (!isNewEnough(version)) {
    throw new HaproxyMissingError(`${path} is version ${version}; the router needs ${LEAST.join('.')} or later`);
  }
  return { path, version };
}

/** `HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/` says `2.6.12-1+deb12u4`. */
export function parseVersion(said: string): string | undefined {
  return /^HA-?Proxy version (\d+\.\d+\S*)/.exec(said)?.[1];
}

export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(/[.-]/).map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}
