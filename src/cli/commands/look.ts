import { formatServiceId } from '../../domain/service/service.ts';
import { pickServiceFacts } from '../../domain/rollout/narrate.ts';
import type { Wait } from '../../domain/rollout/rollout.ts';
import type { ServiceView } from '../../domain/rollout/status.ts';
import { EXIT, exitCodeOfOutcome } from '../exit-codes.ts';
import { sayThatItGoesOn } from '../follow.ts';
import { onService, readRollout } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { Silence } from '../silence.ts';
import type { Frame } from '../views/frame.ts';
import { renderHistory } from '../views/history.ts';
import { renderList } from '../views/list.ts';
import { renderServiceChanges } from '../views/progress.ts';
import { renderRollout, renderWait } from '../views/rollout.ts';
import { renderService } from '../views/service.ts';
import { type Line, line, wrap } from '../views/text.ts';
import { explainTrouble, explainWhy } from '../views/why.ts';
import { exitCodeOfCut, isPassing, pollUntil, runUntilCut } from '../waiting.ts';

/** Widest text of sentences: longer lines are hard to read. */
const READABLE = 100;

export async function list(session: Session): Promise<number> {
  return withClient(session, async (client) => {
    const services = await client.services();
    session.terminal.result('list', { services }, (frame) => renderList(services, frame));
    return EXIT.ok.code;
  });
}

export async function status(session: Session, service: string, rollout: string | undefined): Promise<number> {
  const { terminal } = session;
  const number = rollout === undefined ? undefined : readRollout(rollout);
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      if (number === undefined) {
        const view = await client.view(key);
        terminal.result('service', view, (frame) => renderService(view, frame));
      } else {
        const one = await client.rollout(key, number);
        terminal.result('rollout', one, (frame) => renderRollout(one, frame));
      }
      return EXIT.ok.code;
    }),
  );
}

export async function history(session: Session, service: string, options: { limit: number }): Promise<number> {
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      const { limit } = options;
      const [found, proofs] = await Promise.all([client.history(key, limit), client.rollbackProofs(key, limit)]);
      session.terminal.result('history', { ...found, proofs }, (frame) => renderHistory({ ...found, proofs }, frame));
      return EXIT.ok.code;
    }),
  );
}

export async function why(session: Session, service: string, rollout: string | undefined): Promise<number> {
  const number = rollout === undefined ? undefined : readRollout(rollout);
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      const found = await client.rollout(key, number);
      // Only to add what keeps the service: what happened to the rollout is told without it.
      const view = await client.view(key).catch(() => undefined);
      const now = session.context.now();
      const isLatest = view?.rollout?.number === found.number;
      const told = explainWhy(found, now, isLatest ? pickServiceFacts(view) : {});
      const sentences = [...told, ...(view ? explainTrouble(view.status, now) : [])];
      session.terminal.result('why', { rollout: found, sentences }, (frame) =>
        sentences.flatMap((text) => wrap(text, Math.min(frame.width, READABLE)).map((part) => line(part))),
      );
      return EXIT.ok.code;
    }),
  );
}

/** Shows a service until nothing runs or waits any more; with `follow`, until interrupted. */
export async function watch(session: Session, service: string, options: { follow: boolean }): Promise<number> {
  const { context, terminal } = session;
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      const painter = new Painter(session);
      let first: ServiceView | undefined;
      const ended = await runUntilCut(session, { unread: context.stdout.gone }, (signal) =>
        pollUntil(context.pollMs, signal, async () => {
          const view = await client.view(key).catch((error: unknown) => {
            if (!first || !isPassing(error)) throw error;
            if (!signal.aborted) painter.silence.lengthen(error);
            return undefined;
          });
          if (!view || signal.aborted) return false;
          painter.silence.end();
          first ??= view;
          painter.show(view);
          return !options.follow && !isBusy(view);
        }),
      );
      context.stdout.keep();
      const last = painter.last;
      if ('cut' in ended) {
        if (ended.cut !== 'unread' && last?.rollout && !last.rollout.outcome)
          sayThatItGoesOn(session, formatServiceId(key), ended.cut, last.rollout.number);
        return exitCodeOfCut(ended.cut);
      }
      if (first && !isBusy(first)) {
        terminal.progress(
          line(`Nothing runs; supplant watch --follow ${formatServiceId(key)} waits for the next rollout.`),
        );
        return EXIT.ok.code;
      }
      return exitCodeOfOutcome(last?.rollout?.outcome);
    }),
  );
}

function isBusy({ status: { queue, running }, rollout }: ServiceView): boolean {
  return queue.length > 0 || running !== undefined || (rollout !== undefined && rollout.outcome === undefined);
}

/** Draws in place on a terminal; elsewhere prints what changed, or with `-o json` the whole view on one line. */
class Painter {
  last: ServiceView | undefined;
  readonly #session: Session;

  readonly silence: Silence;

  constructor(session: Session) {
    const { terminal, context } = session;
    this.#session = session;
    const isDrawn = !terminal.json && terminal.canRedraw(context.stdout);
    this.silence = new Silence(session, isDrawn ? (wait) => this.#draw(wait) : undefined);
  }

  #draw(wait?: Wait): void {
    const { context, terminal } = this.#session;
    const { last } = this;
    // Above, since what does not fit is cut off at the end.
    const above = (frame: Frame): Line[] => (wait ? [...renderWait(wait, { ...frame, compact: true }), []] : []);
    const view = (frame: Frame): Line[] => [...above(frame), ...(last ? renderService(last, frame) : [])];
    context.stdout.redraw(terminal.picture(view, context.stdout));
  }

  show(view: ServiceView): void {
    const { context, terminal } = this.#session;
    const { stdout } = context;
    const before = this.last;
    this.last = view;
    if (terminal.json) {
      if (JSON.stringify(view) !== JSON.stringify(before)) stdout.write(`${JSON.stringify(view)}\n`);
    } else if (terminal.canRedraw(stdout)) this.#draw();
    else terminal.data(renderServiceChanges(before, view, terminal.frame()));
  }
}
