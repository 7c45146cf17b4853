import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { AuditEntry, AuditEvent, ChainVerdict } from './store.ts';

/** What the first line names as its predecessor. */
export const GENESIS_HASH = '0'.repeat(64);

/** The last line of a chain, as far as the next one needs it. */
export type ChainHead = Pick<AuditEvent, 'seq' | 'hash'>;

/** A line that is there, but cannot be read as an event. */
export interface UnreadableLine {
  unreadable: string;
}

/**
 * SHA-256, in hex, over the predecessor's hash followed by the canonical JSON (RFC 8785) of everything else in the
 * event, so that a line's hash vouches for all lines up to it.
 */
export function hashOf(event: Omit<AuditEvent, 'hash'>): string {
  const { previousHash, ...content } = event;
  return createHash('sha256').update(previousHash).update(canonicalJson(content)).digest('hex');
}

/** Gives an entry its place behind `last`; without one it begins the chain. */
export function chainEvent(last: ChainHead | undefined, entry: AuditEntry, at: Date): AuditEvent {
  const unsealed = {
    ...entry,
    seq: (last?.seq ?? 0) + 1,
    at: at.toISOString(),
    previousHash: last?.hash ?? GENESIS_HASH,
  };
  return { ...unsealed, hash: hashOf(unsealed) };
}

/**
 * Recomputes a chain from its first line, reading one line at a time, and stops at the first that does not hold. A line
 * whose own hash was recomputed after an edit shows at the line behind it, which then does not follow.
 *
 * What a chain alone cannot show is that lines were cut off its end, or that all of it was written anew. For that, note
 * the `head` of a verdict somewhere else and hand it in later.
 *
 * @param notedHead a head seen earlier, which must still be in the chain
 */
export async function verifyChain(
  lines: Iterable<AuditEvent | UnreadableLine> | AsyncIterable<AuditEvent | UnreadableLine>,
  notedHead: string = GENESIS_HASH,
): Promise<ChainVerdict> {
  let events = 0;
  let head = GENESIS_HASH;
  let noted = notedHead === GENESIS_HASH;
  for await (const line of lines) {
    const seq = events + 1;
    if ('unreadable' in line) return { ok: false, events, brokenSeq: seq, fault: line.unreadable };
    const fault = findEventFault(line, seq, head);
    if (fault !== undefined) return { ok: false, events, brokenSeq: seq, fault };
    events = seq;
    head = line.hash;
    noted ||= head === notedHead;
  }
  if (noted) return { ok: true, events, head };
  const fault = `the head noted earlier, ${notedHead}, is not in the chain: lines were cut off, or all were written anew`;
  return { ok: false, events, brokenSeq: events + 1, fault };
}

/** What is wrong with an event that should be line `seq`, behind the one whose hash is `head`; undefined when nothing is. */
export function findEventFault(event: AuditEvent, seq: number, head: string): string | undefined {
  if (event.seq !== seq) return `line ${seq} is missing: line ${event.seq} stands in its place`;
  if (event.previousHash !== head) {
    if (seq === 1) return 'line 1 does not begin the chain: it names a line before it';
    return `line ${seq} does not follow line ${seq - 1}: one of the two was changed after it was written`;
  }
  const { hash, ...content } = event;
  if (hash !== hashOf(content))
    return `line ${seq} was changed after it was written: its hash is not that of its content`;
  return undefined;
}
