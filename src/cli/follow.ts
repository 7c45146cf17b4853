import { ApiError, type SupplantClient } from '../client/api.ts';
import type { Ticket } from '../domain/requests.ts';
import { serviceId } from '../domain/service.ts';
import type { RolloutStatus } from '../domain/status.ts';
import { EXIT, exitCodeOfOutcome } from './exit-codes.ts';
import type { Session } from './session.ts';
import { rolloutChanges } from './views/progress.ts';
import { rolloutTree, waitLines } from './views/rollout.ts';
import type { Frame } from './views/frame.ts';
import { line, type Line, span } from './views/text.ts';
import { plural } from './views/words.ts';
import { type Cut, isPassing, poll, untilCut } from './waiting.ts';

/** Shows a rollout until it is over. Returns the last that is known of it, and the exit code. */
export async function followRollout(
  session: Session,
  client: SupplantClient,
  ticket: Ticket,
  timeoutMs: number,
): Promise<{ rollout: RolloutStatus | null; exitCode: number }> {
  const ended = await untilCut(session, timeoutMs, async (signal) => {
    const shown = showProgress(session, client, ticket, signal);
    const rollout = await client.waitForRollout(ticket.service, ticket.rollout, signal);
    shown.finish(rollout);
    return rollout;
  });
  if ('result' in ended) return { rollout: ended.result, exitCode: exitCodeOfOutcome(ended.result.outcome) };
  session.context.stderr.keep();
  sayThatItGoesOn(session, serviceId(ticket.service), ended.cut, ticket.rollout);
  return { rollout: null, exitCode: ended.cut === 'timed-out' ? EXIT.timedOut.code : EXIT.interrupted.code };
}

export function sayThatItGoesOn({ context, terminal }: Session, service: string, cut: Cut, rollout: number): void {
  const what = cut === 'timed-out' ? 'The time to wait is over' : 'Interrupted';
  // The terminal has just echoed ^C.
  if (cut === 'interrupted' && context.stderr.isTTY) context.stderr.write('\n');
  terminal.remark(
    line(span(`${what}; rollout #${rollout} of ${service} goes on.`, 'busy')),
    line(`  look at it:  `, span(`supplant watch ${service}`, 'accent')),
    line(`  end it:      `, span(`supplant abort ${service}`, 'accent')),
  );
}

/** Draws the rollout over itself on a terminal, else prints what changed. */
function showProgress(session: Session, client: SupplantClient, ticket: Ticket, signal: AbortSignal) {
  const { context, terminal } = session;
  const { stderr } = context;
  let last: RolloutStatus | undefined;
  let over = false;
  const show = (rollout: RolloutStatus): void => {
    if (!terminal.live) terminal.progress(...rolloutChanges(last, rollout, terminal.frame(stderr)));
    else {
      const view = (frame: Frame): Line[] => [...rolloutTree(rollout, frame), ...waitLines(rollout.wait, frame)];
      stderr.redraw(terminal.picture(view, stderr));
    }
    last = rollout;
  };
  const look = async (): Promise<boolean> => {
    const rollout = await lookAt(client, ticket);
    // Awaiting took time: the end may have been shown meanwhile.
    if (rollout && !over && !signal.aborted) show(rollout);
    return over || rollout?.outcome !== undefined;
  };
  if (!terminal.quiet && !terminal.json) {
    if (ticket.queuedBehind > 0)
      terminal.progress(line(span(`Waits behind ${plural(ticket.queuedBehind, 'rollout')}.`, 'busy')));
    // What it finds is only shown; how the rollout ends is told by the wait beside it.
    poll(context.pollMs, signal, look).catch(() => undefined);
  }
  return {
    finish(rollout: RolloutStatus): void {
      over = true;
      if (terminal.live) {
        show(rollout);
        stderr.keep();
      } else terminal.progress(...rolloutChanges(last, rollout, terminal.frame(stderr)));
    },
  };
}

/** Undefined while it is queued, or nobody answers. */
async function lookAt(client: SupplantClient, ticket: Ticket): Promise<RolloutStatus | undefined> {
  try {
    return await client.rollout(ticket.service, ticket.rollout);
  } catch (error) {
    if (isPassing(error) || (error instanceof ApiError && error.reason === 'NOT_FOUND')) return undefined;
    throw error;
  }
}
