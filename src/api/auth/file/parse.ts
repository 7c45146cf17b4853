import { isScalar } from 'yaml';
import { readDocument } from '../../../manifest/document.ts';
import type { Fault } from '../../../manifest/fault.ts';
import { Reader, type Spot } from '../../../manifest/reader.ts';
import type { AccessConfig } from '../config.ts';
import { readBindings, readServices } from './bindings.ts';
import { readCertificates, type ReadFile } from './certificates.ts';
import { readJwt } from './jwt.ts';
import { readTokens } from './tokens.ts';

export type ParsedAccess = { ok: true; config: AccessConfig } | { ok: false; faults: Fault[] };

export const API_VERSION = 'supplant.dev/v1';
export const KIND = 'Access';

const KEYS = ['apiVersion', 'kind', 'tokens', 'jwt', 'certificates', 'bindings', 'separateApprover'] as const;

/**
 * Reads an `access.yaml`: complete with defaults, or with all its faults. Never throws.
 *
 * @param readFile gives the text of a file that is named in it, or throws
 */
export function parseAccess(text: string, readFile: ReadFile): ParsedAccess {
  const read = readDocument(text);
  if ('faults' in read) return { ok: false, faults: read.faults };
  const reader = new Reader(read.document);
  const config = readAccess(reader, reader.spot('', read.document.root, 0), readFile);
  const faults = reader.faults;
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config };
}

/** Where there are faults, what is returned stands only for what could be read. */
function readAccess(reader: Reader, root: Spot, readFile: ReadFile): AccessConfig {
  if (root.node === null || (isScalar(root.node) && root.node.value === null)) {
    reader.fault(root, 'access control: apiVersion, kind, bindings, and tokens, jwt or certificates', 'an empty file');
    return { tokens: [], bindings: [], separateApprover: [] };
  }
  const fields = reader.fields(root, KEYS);
  for (const [key, value] of Object.entries({ apiVersion: API_VERSION, kind: KIND })) {
    const spot = fields[key as 'apiVersion' | 'kind'];
    if (spot) reader.word(spot, [value]);
    else reader.missing(root, key, `${key}: ${value}`);
  }
  const { tokens, jwt, certificates, bindings, separateApprover } = fields;
  if (!tokens && !jwt && !certificates) {
    reader.fault(root, 'a way to tell callers: tokens, jwt or certificates', 'none of them');
  }
  const ways = {
    tokens: tokens ? readTokens(reader, tokens) : [],
    ...(jwt ? { jwt: readJwt(reader, jwt) } : {}),
    ...(certificates ? { certificates: readCertificates(reader, certificates, readFile) } : {}),
  };
  if (!bindings) reader.missing(root, 'bindings', 'bindings: who may do what; without one nobody may do anything');
  return {
    ...ways,
    bindings: bindings ? readBindings(reader, bindings, ways) : [],
    separateApprover: separateApprover ? readServices(reader, separateApprover) : [],
  };
}
