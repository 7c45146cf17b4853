import type { SupplantClient } from '../../contract/supplant-client.ts';
import type { AuditEvent, AuditQuery } from '../../store/audit/store.ts';
import { EXIT } from '../exit-codes.ts';
import { type Session, withClient } from '../session.ts';
import { type Column, table } from '../views/table.ts';
import { line, span } from '../views/text.ts';
import { clock } from '../views/time.ts';
import { plural } from '../views/words.ts';

/** Recomputes the chain; a broken one is a failure that names the first broken line. */
export async function verifyAudit(session: Session): Promise<number> {
  return withClient(session, async (client) => {
    const verdict = await client.verifyAudit();
    session.terminal.result('verify', verdict, () =>
      verdict.ok && session.terminal.quiet
        ? []
        : verdict.ok
          ? [line(span(`The chain holds: ${plural(verdict.events, 'event')}.`, 'good')), line(`Head: ${verdict.head}`)]
          : [
              line(
                span(`The chain is broken at line ${verdict.brokenSeq} of ${verdict.events}: `, 'bad'),
                verdict.fault,
              ),
            ],
    );
    return verdict.ok ? EXIT.ok.code : EXIT.failure.code;
  });
}

/** Which events: of a subject, of a rollout. */
export interface AuditFilter {
  subject?: string;
  rollout?: string;
}

/** Writes the record as JSON Lines, oldest first, whatever `-o` says: one event a line, as it is hashed. */
export async function exportAudit(session: Session, filter: AuditFilter): Promise<number> {
  return withClient(session, async (client) => {
    const { stdout } = session.context;
    for await (const event of listEvents(client, filter)) {
      // A reader that has seen enough (`| head`) is no error.
      if (stdout.gone.aborted) break;
      stdout.write(`${JSON.stringify(event)}\n`);
    }
    return EXIT.ok.code;
  });
}

const COLUMNS: Column[] = [
  { title: 'SEQ', align: 'right' },
  { title: 'AT', rank: 3 },
  { title: 'EVENT' },
  { title: 'ABOUT', rank: 1 },
  { title: 'BY', rank: 2 },
  { title: 'WHY', rank: 4 },
];

/** Shows the newest events, oldest of them first. */
export async function listAudit(session: Session, filter: AuditFilter & { limit: number }): Promise<number> {
  const { limit, ...query } = filter;
  return withClient(session, async (client) => {
    let events: AuditEvent[] = [];
    for await (const event of listEvents(client, query)) {
      events.push(event);
      if (events.length >= 2 * limit) events = events.slice(-limit);
    }
    events = events.slice(-limit);
    session.terminal.result('events', { events }, ({ now, width }) => {
      const rows = events.map((event) => [
        String(event.seq),
        clock(event.at, now),
        event.type,
        event.rollout ?? event.subject,
        event.actor,
        event.reason ?? '',
      ]);
      return rows.length === 0 ? [line('No events.')] : table(COLUMNS, rows, width);
    });
    return EXIT.ok.code;
  });
}

const PAGE = 1000;

/** All events that a query finds, oldest first, page by page. */
export async function* listEvents(client: SupplantClient, query: AuditQuery): AsyncGenerator<AuditEvent> {
  let afterSeq = 0;
  for (;;) {
    const page = await client.auditEvents({ ...query, afterSeq, limit: PAGE });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    afterSeq = last.seq;
  }
}
