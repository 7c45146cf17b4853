import { EXIT } from '../exit-codes.ts';
import { type Session, withClient } from '../session.ts';
import { effectLines } from '../views/effect.ts';
import { renderReaperReport } from '../views/reaper.ts';
import { type AskOptions, requestOf } from './experiment/ask.ts';

/** What is nobody's, and what becomes of it. */
export async function reaperReport(session: Session, options: { all: boolean }): Promise<number> {
  return withClient(session, async (client) => {
    const report = await client.reaper.report({ includeOwned: options.all });
    session.terminal.result('reaper', report, (frame) => renderReaperReport(report, frame));
    return EXIT.ok.code;
  });
}

/** Has the reaper look now. */
export async function runReaper(session: Session, options: AskOptions & { skipGrace: boolean }): Promise<number> {
  return withClient(session, async (client) => {
    const { skipGrace } = options;
    const effect = await client.reaper.run({ skipGrace }, requestOf(session, options));
    session.terminal.done('reaped', { effect }, ({ width }) => effectLines('reaper', effect, width));
    return EXIT.ok.code;
  });
}
