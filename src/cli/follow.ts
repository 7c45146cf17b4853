import { ApiError, type SupplantClient } from '../contract/supplant-client.ts';
import type { Receipt } from '../domain/service/requests.ts';
import type { RolloutKind, Wait } from '../domain/rollout/rollout.ts';
import { formatServiceId } from '../domain/service/service.ts';
import type { RolloutStatus } from '../domain/rollout/status.ts';
import { exitCodeOfOutcome } from './exit-codes.ts';
import type { Session } from './session.ts';
import { Silence } from './silence.ts';
import { renderRolloutChanges } from './views/progress.ts';
import { renderRolloutTree, renderWait } from './views/rollout.ts';
import type { Frame } from './views/frame.ts';
import { line, type Line, span } from './views/text.ts';
import { describeQueueEffects } from './views/receipt.ts';
import { type Cut, exitCodeOfCut, isPassing, pollUntil, runUntilCut } from './waiting.ts';

/**
 * Shows a rollout until it is over, whether anybody still reads it or not. Returns the last that is known of it, and the
 * exit code.
 */
export async function followRollout(
  session: Session,
  client: SupplantClient,
  receipt: Receipt,
  { kind, timeoutMs }: { kind: RolloutKind; timeoutMs: number },
): Promise<{ rollout: RolloutStatus | null; exitCode: number }> {
  const ended = await runUntilCut(session, { timeoutMs }, async (signal) => {
    const shown = showProgress(session, client, { receipt, kind }, signal);
    const rollout = await client.waitForRollout(receipt.service, receipt.rollout, signal);
    shown.finish(rollout);
    return rollout;
  });
  if ('result' in ended) return { rollout: ended.result, exitCode: exitCodeOfOutcome(ended.result.outcome) };
  session.context.stderr.keep();
  sayThatItGoesOn(session, formatServiceId(receipt.service), ended.cut, receipt.rollout);
  return { rollout: null, exitCode: exitCodeOfCut(ended.cut) };
}

export function sayThatItGoesOn({ context, terminal }: Session, service: string, cut: Cut, rollout: number): void {
  const what = cut === 'timed-out' ? 'The time to wait is over' : 'Interrupted';
  // The terminal has just echoed ^C.
  if (cut === 'SIGINT' && context.stderr.isTTY) context.stderr.write('\n');
  terminal.remark(
    line(span(`${what}; rollout #${rollout} of ${service} goes on.`, 'busy')),
    line(`  look at it:  `, span(`supplant watch ${service}`, 'accent')),
    line(`  end it:      `, span(`supplant abort ${service}`, 'accent')),
  );
}

/** Draws the rollout over itself on a terminal, else prints what changed. */
function showProgress(
  session: Session,
  client: SupplantClient,
  { receipt, kind }: { receipt: Receipt; kind: RolloutKind },
  signal: AbortSignal,
) {
  const { context, terminal } = session;
  const { stderr } = context;
  let last: RolloutStatus | undefined;
  let over = false;
  const draw = (wait: Wait | undefined): void => {
    const view = (frame: Frame): Line[] => [
      ...(last ? renderRolloutTree(last, frame) : []),
      ...renderWait(wait, frame),
    ];
    stderr.redraw(terminal.picture(view, stderr));
  };
  const show = (rollout: RolloutStatus): void => {
    const before = last;
    last = rollout;
    if (terminal.live) draw(rollout.wait);
    else terminal.progress(...renderRolloutChanges(before, rollout, terminal.frame(stderr)));
  };
  const silence = new Silence(session, terminal.live ? draw : undefined);
  const look = async (): Promise<boolean> => {
    const looked = await lookAt(client, receipt);
    // Awaiting took time: the end may have been shown meanwhile.
    if (over || signal.aborted) return over;
    if (looked instanceof Error) silence.lengthen(looked);
    else silence.end();
    if (looked === undefined || looked instanceof Error) return false;
    show(looked);
    return looked.outcome !== undefined;
  };
  if (!terminal.quiet && !terminal.json) {
    for (const text of describeQueueEffects(receipt, kind)) terminal.progress(line(span(text, 'busy')));
    // What it finds is only shown; how the rollout ends is told by the wait beside it.
    pollUntil(context.pollMs, signal, look).catch(() => undefined);
  }
  return {
    finish(rollout: RolloutStatus): void {
      over = true;
      if (terminal.live) {
        show(rollout);
        stderr.keep();
      } else terminal.progress(...renderRolloutChanges(last, rollout, terminal.frame(stderr)));
    },
  };
}

/** Undefined while it is queued; an error where nobody answers. */
async function lookAt(client: SupplantClient, receipt: Receipt): Promise<RolloutStatus | ApiError | undefined> {
  try {
    return await client.rollout(receipt.service, receipt.rollout);
  } catch (error) {
    if (isPassing(error)) return error;
    if (error instanceof ApiError && error.reason === 'NOT_FOUND') return undefined;
    throw error;
  }
}
