import { ApiError } from '../contract/supplant-client.ts';
import { repeatWhileUnfinished } from '../client/repeat-while-unfinished.ts';
import type { Session } from './session.ts';
import { line, type Line, span } from './views/text.ts';
import { type Cut, exitCodeOfCut, runUntilCut } from './waiting.ts';

/**
 * Asks until there is an answer, and shows how far the work is that has to be done before there can be one. Returns the
 * exit code where the waiting was cut short.
 */
export async function requestAnswer<T>(
  session: Session,
  timeoutMs: number,
  ask: () => Promise<T>,
): Promise<{ answer: T } | { exitCode: number }> {
  try {
    return { answer: await ask() };
  } catch (error) {
    if (!(error instanceof ApiError) || error.progress === undefined) throw error;
    const shown = showWork(session);
    shown.progress(error.progress);
    try {
      const ended = await runUntilCut(session, { timeoutMs }, (signal) =>
        repeatWhileUnfinished(ask, shown.progress, { signal, begun: true }),
      );
      if ('result' in ended) return { answer: ended.result };
      shown.keep();
      sayThatItEnds(session, ended.cut);
      return { exitCode: exitCodeOfCut(ended.cut) };
    } finally {
      shown.keep();
    }
  }
}

function showWork({ context: { stderr }, terminal }: Session) {
  let last = '';
  return {
    progress: (text: string): void => {
      const view = (): Line[] => [line(span(`${text}.`, 'busy'))];
      if (terminal.live) stderr.redraw(terminal.picture(view, stderr));
      else if (text !== last) terminal.progress(...view());
      last = text;
    },
    keep: (): void => {
      if (terminal.live) stderr.keep();
    },
  };
}

function sayThatItEnds({ context, terminal }: Session, cut: Cut): void {
  if (cut === 'SIGINT' && context.stderr.isTTY) context.stderr.write('\n');
  const what = cut === 'timed-out' ? 'The time to wait is over' : 'Interrupted';
  terminal.remark(line(span(`${what} before anything was started; the work for it ends by itself.`, 'busy')));
}
