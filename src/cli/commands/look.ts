import { serviceId } from '../../domain/service.ts';
import type { ServiceView } from '../../domain/status.ts';
import { EXIT, exitCodeOfOutcome } from '../exit-codes.ts';
import { sayThatItGoesOn } from '../follow.ts';
import { onService, readRollout } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { historyView } from '../views/history.ts';
import { listView } from '../views/list.ts';
import { serviceChanges } from '../views/progress.ts';
import { rolloutView } from '../views/rollout.ts';
import { serviceView } from '../views/service.ts';
import { line, wrap } from '../views/text.ts';
import { whySentences } from '../views/why.ts';
import { isPassing, poll, untilCut } from '../waiting.ts';

/** Widest text of sentences: longer lines are hard to read. */
const READABLE = 100;

export async function list(session: Session): Promise<number> {
  return withClient(session, async (client) => {
    const services = await client.services();
    session.terminal.result('list', { services }, (frame) => listView(services, frame));
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
        terminal.result('service', view, (frame) => serviceView(view, frame));
      } else {
        const one = await client.rollout(key, number);
        terminal.result('rollout', one, (frame) => rolloutView(one, frame));
      }
      return EXIT.ok.code;
    }),
  );
}

export async function history(session: Session, service: string, options: { limit: number }): Promise<number> {
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      const found = await client.history(key, options.limit);
      session.terminal.result('history', found, (frame) => historyView(found, frame));
      return EXIT.ok.code;
    }),
  );
}

export async function why(session: Session, service: string, rollout: string | undefined): Promise<number> {
  const number = rollout === undefined ? undefined : readRollout(rollout);
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      const found = await client.rollout(key, number);
      const sentences = whySentences(found, session.context.now());
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
      const ended = await untilCut(session, undefined, (signal) =>
        poll(context.pollMs, signal, async () => {
          const view = await client.view(key).catch((error: unknown) => {
            if (first && isPassing(error)) return undefined;
            throw error;
          });
          if (!view || signal.aborted) return false;
          first ??= view;
          painter.show(view);
          return !options.follow && !isBusy(view);
        }),
      );
      context.stdout.keep();
      const last = painter.last;
      if ('cut' in ended) {
        if (last?.rollout && !last.rollout.outcome)
          sayThatItGoesOn(session, serviceId(key), ended.cut, last.rollout.number);
        return EXIT.interrupted.code;
      }
      if (first && !isBusy(first)) {
        terminal.progress(line(`Nothing runs; supplant watch --follow ${serviceId(key)} waits for the next rollout.`));
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

  constructor(session: Session) {
    this.#session = session;
  }

  show(view: ServiceView): void {
    const { context, terminal } = this.#session;
    const { stdout } = context;
    if (terminal.json) {
      if (JSON.stringify(view) !== JSON.stringify(this.last)) stdout.write(`${JSON.stringify(view)}\n`);
    } else if (stdout.isTTY) stdout.redraw(terminal.picture((frame) => serviceView(view, frame), stdout));
    else terminal.data(serviceChanges(this.last, view, terminal.frame()));
    this.last = view;
  }
}
