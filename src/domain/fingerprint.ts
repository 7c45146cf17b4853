import { canonicalJson } from './canonical-json.ts';

const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/**
 * Tells two values apart, by FNV-1a over 64 bits (Fowler, Noll, Vo) of their canonical JSON. Against accidents, not
 * against an attacker: cryptography is not to be had in a workflow.
 */
export function computeFingerprint(value: unknown): string {
  let hash = OFFSET;
  for (const byte of utf8(canonicalJson(value))) hash = ((hash ^ BigInt(byte)) * PRIME) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
}

function utf8(text: string): number[] {
  return [...encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|(.)/g)].map(([, escaped, plain]) =>
    escaped === undefined ? (plain ?? '').charCodeAt(0) : Number.parseInt(escaped, 16),
  );
}
