import { createHash } from 'node:crypto';

/** A content as a slot holds it: numbered, so that the newer of two is known, and whole if its checksum holds. */
export interface Sealed {
  /** Rises by one with each write. */
  sequence: number;
  content: unknown;
}

/** One JSON object; {@link unseal} gives back what went in. */
export function seal({ sequence, content }: Sealed): string {
  return JSON.stringify({ sequence, checksum: checksumOf({ sequence, content }), content });
}

/** @throws Error that says why the text is not one that {@link seal} made, for instance because half of it is older */
export function unseal(text: string): Sealed {
  const { sequence, checksum, content } = parse(text);
  if (typeof sequence !== 'number' || content === undefined) throw new Error('sequence or content is missing');
  if (checksum !== checksumOf({ sequence, content })) throw new Error('its checksum does not hold');
  return { sequence, content };
}

function parse(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function checksumOf({ sequence, content }: Sealed): string {
  return createHash('sha256')
    .update(JSON.stringify([sequence, content]))
    .digest('hex');
}
