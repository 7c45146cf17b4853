import type { AuditEvent, AuditQuery } from '../../store/audit/store.ts';

export type ListEvents = (query: AuditQuery) => Promise<AuditEvent[]>;

/** The sequence of the last event, in a few dozen small questions however long the record is: it has no gap. */
export async function findHead(list: ListEvents): Promise<number> {
  const beyond = async (seq: number): Promise<boolean> => (await list({ afterSeq: seq, limit: 1 })).length === 0;
  let most = 1;
  while (!(await beyond(most))) most *= 2;
  let least = 0;
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    if (await beyond(middle)) most = middle;
    else least = middle + 1;
  }
  return least;
}
