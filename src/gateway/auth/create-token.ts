import { stringify } from 'yaml';
import { ApiError } from '../../contract/supplant-client.ts';
import type { Role } from '../../domain/access.ts';
import { NAME } from '../../domain/service/service.ts';
import { SERVICE_PATTERN, SERVICE_PATTERN_WANTED } from './file/bindings.ts';
import { NAME_WANTED } from './file/tokens.ts';
import { hashToken, generateToken } from './tokens.ts';

export interface TokenWish {
  name: string;
  role: Role;
  /** Patterns of name and environment; all services when absent. */
  services?: string[];
  expires?: Date;
}

export interface CreatedToken {
  /** To be handed over once, and kept nowhere here. */
  token: string;
  hash: string;
  /** What to add to `access.yaml`: entries of `tokens` and `bindings`. */
  yaml: string;
}

/**
 * Makes a token, and what `access.yaml` has to say for it to be taken.
 *
 * @throws {ApiError} INVALID, with all that is wrong with the wish
 */
export function createToken(wish: TokenWish, now = new Date()): CreatedToken {
  const { name, role, services = ['*/*'], expires } = wish;
  const faults = faultsOf(name, services, expires, now);
  if (faults.length > 0) throw new ApiError('INVALID', 'no such token can be made', { faults });
  const token = generateToken();
  const hash = hashToken(token);
  const entry = { name, hash, ...(expires ? { expires: expires.toISOString() } : {}) };
  const binding = { subjects: [`token:${name}`], role, services };
  return { token, hash, yaml: stringify({ tokens: [entry], bindings: [binding] }) };
}

function faultsOf(
  name: string,
  services: string[],
  expires: Date | undefined,
  now: Date,
): { path: string; message: string }[] {
  const wrong = services.filter((pattern) => !SERVICE_PATTERN.test(pattern));
  return [
    ...(NAME.test(name) ? [] : [{ path: 'name', message: `expected ${NAME_WANTED}, found '${name}'` }]),
    ...(services.length > 0 ? [] : [{ path: 'services', message: `expected ${SERVICE_PATTERN_WANTED}, found none` }]),
    ...wrong.map((found) => ({ path: 'services', message: `expected ${SERVICE_PATTERN_WANTED}, found '${found}'` })),
    ...(expires === undefined || expires > now ? [] : [{ path: 'expires', message: 'expected a time still to come' }]),
  ];
}
