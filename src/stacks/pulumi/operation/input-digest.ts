import { createHash } from 'node:crypto';
import type { StackInput } from '../../driver.ts';

/** Names everything a stack is made from: SHA-256 over the input as JSON with sorted keys, in hex. */
export function computeInputDigest({ service, revision, artifact, blueprint }: StackInput): string {
  const input = { service, revision, artifact, blueprint };
  return createHash('sha256')
    .update(JSON.stringify(sorted(input)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, sorted(item)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
