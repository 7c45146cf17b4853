import { canonicalJson } from '../../domain/canonical-json.ts';
import { GENESIS_HASH, type UnreadableLine, verifyChain } from './chain.ts';
import type { AuditEvent, AuditStore, ChainVerdict } from './store.ts';

const PAGE = 500;

/**
 * Writes the whole record as JSON Lines, oldest first, a page at a time; waits for each `write`.
 *
 * @returns how many lines were written, and the hash of the last, worth noting somewhere else
 */
export async function exportEvents(
  store: Pick<AuditStore, 'list'>,
  write: (line: string) => void | Promise<void>,
): Promise<{ events: number; head: string }> {
  let [events, afterSeq, head] = [0, 0, GENESIS_HASH];
  for (;;) {
    const page = await store.list({ afterSeq, limit: PAGE });
    for (const event of page) {
      await write(`${canonicalJson(event)}\n`);
      [events, afterSeq, head] = [events + 1, event.seq, event.hash];
    }
    if (page.length < PAGE) return { events, head };
  }
}

/**
 * Verifies an exported record from its lines alone, with or without their line ends; empty lines are passed over.
 *
 * @param notedHead a head seen earlier, which must still be in the chain
 */
export function verifyExport(
  lines: Iterable<string> | AsyncIterable<string>,
  notedHead?: string,
): Promise<ChainVerdict> {
  return verifyChain(parseLines(lines), notedHead);
}

async function* parseLines(
  lines: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<AuditEvent | UnreadableLine> {
  let number = 0;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    number += 1;
    yield parseLine(line, number);
  }
}

function parseLine(line: string, number: number): AuditEvent | UnreadableLine {
  try {
    const event = JSON.parse(line) as Partial<AuditEvent> | null;
    if (typeof event === 'object' && typeof event?.previousHash === 'string') return event as AuditEvent;
    return { unreadable: `line ${number} is not an audit event` };
  } catch {
    return { unreadable: `line ${number} is not JSON` };
  }
}
