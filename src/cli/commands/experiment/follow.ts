import type { SupplantClient } from '../../../contract/supplant-client.ts';
import { formatExperimentId } from '../../../domain/experiment/experiment.ts';
import { formatRunName, type RunRef } from '../../../domain/experiment/run.ts';
import type { RunView } from '../../../domain/experiment/view.ts';
import { parseDuration } from '../../../config/duration.ts';
import type { Output } from '../../context.ts';
import { UsageError } from '../../errors.ts';
import { EXIT, exitCodeOfRun } from '../../exit-codes.ts';
import { onExperiment } from '../../experiment-argument.ts';
import { type Session, withClient } from '../../session.ts';
import { effectLines } from '../../views/effect.ts';
import { renderRunChanges } from '../../views/experiment/changes.ts';
import { commandWords, renderRun, renderRunTree } from '../../views/experiment/run.ts';
import type { Frame } from '../../views/frame.ts';
import { type Line, line, span, wrap } from '../../views/text.ts';
import { between } from '../../views/time.ts';
import { type Cut, exitCodeOfCut, type Limits, pollUntil, runUntilCut } from '../../waiting.ts';
import { type AskOptions, chooseRun, requestOf } from './ask.ts';

export interface RunOptions extends AskOptions {
  wait: boolean;
  timeout: string;
}

/** Begins a run, follows it unless told otherwise, and ends as it does. */
export async function runExperiment(session: Session, name: string, options: RunOptions): Promise<number> {
  const timeoutMs = readTimeout(options.timeout);
  const { terminal } = session;
  return withClient(session, (client) =>
    onExperiment(client, name, async (key) => {
      const { effect, run } = await client.experiments.run(key, requestOf(session, options));
      const experiment = formatExperimentId(key);
      if (run === undefined || !options.wait) {
        terminal.done('ran', { experiment, effect, run: null }, ({ width }) => [
          ...effectLines(experiment, effect, width),
          ...(run === undefined
            ? [line('Nothing was started: this is a dry run.')]
            : [line('Look at it: ', span(`supplant experiment watch ${experiment} ${run}`, 'accent'))]),
        ]);
        return EXIT.ok.code;
      }
      terminal.progress(...effectLines(experiment, effect, terminal.frame(session.context.stderr).width));
      const shown = new RunProgress(session, session.context.stderr);
      const { exitCode, view } = await follow(session, client, { experiment: key, run }, shown, { timeoutMs });
      if (view?.status.outcome !== undefined) {
        terminal.result('ran', { experiment, effect, run: view }, (frame) => outcomeLines(view, frame, terminal.quiet));
      } else if (terminal.json) terminal.document('ran', { experiment, effect, run: view ?? null });
      return exitCode;
    }),
  );
}

/** Shows a run until it is over, and ends as it does. */
export async function watchRun(session: Session, name: string, run: string | undefined): Promise<number> {
  const { context, terminal } = session;
  const choice = chooseRun(run);
  return withClient(session, (client) =>
    onExperiment(client, name, async (key) => {
      const first = await client.experiments.viewRun({ experiment: key, ...choice });
      const shown = new RunProgress(session, context.stdout);
      shown.show(first);
      if (first.status.outcome !== undefined) {
        context.stdout.keep();
        terminal.progress(line(`It is over; supplant experiment run ${formatExperimentId(key)} begins another one.`));
        return exitCodeOfRun(first.status.outcome);
      }
      const limits = { unread: context.stdout.gone };
      const { exitCode } = await follow(session, client, first.status, shown, limits);
      return exitCode;
    }),
  );
}

async function follow(
  session: Session,
  client: SupplantClient,
  { experiment, run }: RunRef,
  shown: RunProgress,
  limits: Limits,
): Promise<{ view: RunView | undefined; exitCode: number }> {
  const { context } = session;
  const ended = await runUntilCut(session, limits, async (signal) => {
    // What is drawn says how long everything takes, which goes on between two changes.
    pollUntil(context.pollMs, signal, async () => {
      if (!signal.aborted) shown.tick();
      return false;
    }).catch(() => undefined);
    for await (const view of client.experiments.watchRun({ experiment, run }, signal)) {
      if (signal.aborted) break;
      shown.show(view);
      if (view.status.outcome !== undefined) break;
    }
  });
  shown.keep();
  const { last: view } = shown;
  if ('cut' in ended) {
    if (ended.cut !== 'unread') sayThatItGoesOn(session, { experiment, run }, ended.cut);
    return { view, exitCode: exitCodeOfCut(ended.cut) };
  }
  return { view, exitCode: exitCodeOfRun(view?.status.outcome) };
}

/** Draws a run over itself on a terminal; elsewhere prints what changed, or with `-o json` each view on one line. */
class RunProgress {
  last: RunView | undefined;
  readonly #session: Session;
  readonly #output: Output;
  readonly #isData: boolean;
  #written = '';

  /** @param output where it is shown: stdout where that is all the command has to say */
  constructor(session: Session, output: Output) {
    this.#session = session;
    this.#output = output;
    this.#isData = output === session.context.stdout;
  }

  show(view: RunView): void {
    const { terminal } = this.#session;
    const before = this.last;
    this.last = view;
    if (terminal.json) this.#writeDocument(view);
    else if (this.#isDrawn) this.#draw();
    else {
      const changes = renderRunChanges(before?.status, view.status, terminal.frame(this.#output));
      if (this.#isData) terminal.data(changes);
      else terminal.progress(...changes);
    }
  }

  tick(): void {
    if (this.last && this.#isDrawn && !this.#session.terminal.json) this.#draw();
  }

  keep(): void {
    this.#output.keep();
  }

  get #isDrawn(): boolean {
    const { terminal } = this.#session;
    return this.#isData ? terminal.canRedraw(this.#output) : terminal.live;
  }

  #draw(): void {
    const { last } = this;
    if (!last) return;
    const view = (frame: Frame): Line[] => (this.#isData ? renderRun(last, frame) : renderRunTree(last.status, frame));
    this.#output.redraw(this.#session.terminal.picture(view, this.#output));
  }

  #writeDocument(view: RunView): void {
    if (!this.#isData) return;
    const text = JSON.stringify({ run: view });
    if (text !== this.#written) this.#output.write(`${text}\n`);
    this.#written = text;
  }
}

function sayThatItGoesOn({ context, terminal }: Session, run: RunRef, cut: Cut): void {
  const what = cut === 'timed-out' ? 'The time to wait is over' : 'Interrupted';
  // The terminal has just echoed ^C.
  if (cut === 'SIGINT' && context.stderr.isTTY) context.stderr.write('\n');
  const words = `${formatExperimentId(run.experiment)} ${run.run}`;
  terminal.remark(
    line(span(`${what}; run ${formatRunName(run)} goes on.`, 'busy')),
    line('  look at it:  ', span(`supplant experiment watch ${words}`, 'accent')),
    line('  stop it:     ', span(`supplant experiment stop ${words}`, 'accent')),
  );
}

function outcomeLines({ status }: RunView, { width }: Frame, quiet: boolean): Line[] {
  const { because, endedAt, outcome, startedAt } = status;
  if (quiet && outcome === 'succeeded') return [];
  const name = formatRunName(status);
  const took = between(startedAt, endedAt ?? startedAt);
  const how = outcome === 'skipped' ? 'was skipped: it did not take place' : `${outcome ?? 'ended'} after ${took}`;
  const why = because === undefined ? [] : wrap(because, width).map((text) => line(text));
  const more = outcome === 'skipped' ? 'why' : 'show';
  const command = more === 'why' ? `experiment why ${commandWords(status)}` : `results show ${commandWords(status)}`;
  return [
    line(span(`${name} ${how}.`, outcome === 'succeeded' ? 'good' : 'bad')),
    // Else the progress has told it.
    ...(quiet || outcome === 'skipped' ? why : []),
    ...(quiet ? [] : [line(more === 'why' ? 'Details: ' : 'Results: ', span(`supplant ${command}`, 'accent'))]),
  ];
}

function readTimeout(text: string): number {
  const milliseconds = parseDuration(text);
  // Beyond this, timers fire at once.
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds < 2 ** 31) return milliseconds;
  throw new UsageError(`--timeout: '${text}' is not a duration up to 596h`, { suggestion: 'write 30s, 10m or 1h30m' });
}
