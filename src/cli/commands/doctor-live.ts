import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiveReport } from '../../doctor/live/aws/examine.ts';
import type { LiveExamined, LiveFinding } from '../../doctor/live/finding.ts';
import type { LeftThing } from '../../doctor/live/ledger.ts';
import { loadOptional } from '../../host/missing-package.ts';
import { readSecret } from '../../secrets/secrets.ts';
import type { Blueprint } from '../../stacks/blueprint.ts';
import { listBlueprintModules, loadBlueprints } from '../../stacks/pulumi/blueprint-modules.ts';
import type { InterruptSignal } from '../context.ts';
import { UsageError } from '../errors.ts';
import { EXIT, exitCodeOfSignal } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import type { Frame } from '../views/frame.ts';
import { type Line, line, span, wrapSentence } from '../views/text.ts';

export interface DoctorLiveOptions {
  file?: string;
  blueprint?: string[];
  vpc?: string;
  yes: boolean;
}

/** Of those that Supplant brings, the one whose stacks are made of the most. */
const BLUEPRINT = 'aws-asg';

/** Tries what Supplant relies on in a real account of AWS, once somebody has agreed to what that makes and costs. */
export async function doctorLive(session: Session, options: DoctorLiveOptions): Promise<number> {
  if (options.file !== undefined || options.blueprint) {
    throw new UsageError('--live looks into an account of AWS, whatever is to be deployed there', {
      suggestion: 'leave out --file and --blueprint, or --live',
    });
  }
  const stopping = new AbortController();
  let by: InterruptSignal | undefined;
  let listening: Disposable | undefined;
  // Before somebody has agreed there is nothing to take away: a signal just ends it.
  const listen = (): void => {
    listening = session.context.onInterrupt((signal) => {
      by ??= signal;
      stopping.abort();
      session.terminal.remark(line(TAKING_AWAY));
    });
  };
  try {
    const report = await withBlueprint((blueprint) =>
      examine(session, options, { blueprint, signal: stopping.signal, onAgreed: listen }),
    );
    session.terminal.result('live', report, (frame) => liveLines(report, frame));
    return by === undefined ? exitCodeOfReport(report) : exitCodeOfSignal(by);
  } finally {
    listening?.[Symbol.dispose]();
  }
}

const TAKING_AWAY =
  'Taking away what was made, which takes a minute. What is ended before that is done stays, and costs.';

interface Means {
  blueprint: Blueprint;
  signal: AbortSignal;
  onAgreed: () => void;
}

async function examine(
  { context, terminal }: Session,
  { vpc, yes }: DoctorLiveOptions,
  { blueprint, signal, onAgreed }: Means,
): Promise<LiveReport> {
  const { AccountUnfitError, examineLive } = await loadOptional(loadLive).catch((error: unknown) => {
    throw new UsageError((error as Error).message, { suggestion: 'docs/aws.md has the packages that AWS takes' });
  });
  try {
    const report = await examineLive({
      blueprint,
      ...(vpc === undefined ? {} : { vpc }),
      signal,
      onProgress: (text) => terminal.progress(line(span(`… ${text}`, 'faint'))),
      async agree(offer) {
        const { width } = terminal.frame(context.stderr);
        terminal.remark(...offer.flatMap((sentence) => wrapSentence(sentence, width)));
        // A program is shown no offer that it could agree to.
        const isAgreed = yes || (!terminal.json && (await context.confirm?.('Go on? [y/N] ')) === true);
        if (isAgreed) onAgreed();
        return isAgreed;
      },
    });
    if (report) return report;
  } catch (error) {
    if (error instanceof AccountUnfitError) throw new UsageError(error.message, { suggestion: error.todo });
    throw error;
  }
  throw new UsageError('nothing was made: it was not confirmed', {
    suggestion: 'add --yes to go on without being asked',
  });
}

/** The clients of AWS are loaded for those who ask for it only. */
async function loadLive() {
  const [{ AccountUnfitError }, { examineLive }] = await Promise.all([
    import('../../doctor/live/aws/account.ts'),
    import('../../doctor/live/aws/examine.ts'),
  ]);
  return { AccountUnfitError, examineLive };
}

async function withBlueprint<Result>(work: (blueprint: Blueprint) => Promise<Result>): Promise<Result> {
  const scratch = await mkdtemp(join(tmpdir(), 'supplant-doctor-'));
  try {
    const host = { dataDir: scratch, supervise: false, readSecret, log: () => undefined };
    const registry = await loadBlueprints(listBlueprintModules([BLUEPRINT]), host);
    const blueprints = registry.all();
    const found = blueprints.find(({ name }) => name === BLUEPRINT);
    if (!found) throw new Error(`there is no blueprint ${BLUEPRINT}`);
    try {
      return await work(found);
    } finally {
      await Promise.all(blueprints.map(async (blueprint) => blueprint.close()));
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

export function exitCodeOfReport({ examined, left }: Pick<LiveReport, 'examined' | 'left'>): number {
  const isWell = examined.every(({ findings }) => findings.every(({ state }) => state !== 'bad'));
  return isWell && left.length === 0 ? EXIT.ok.code : EXIT.usage.code;
}

const WORDS = { good: 'ok', unsure: 'look', bad: 'bad' } as const;
const TONES = { good: 'good', unsure: 'busy', bad: 'bad' } as const;
const INDENT = '      ';

/** One line for each finding, and one for all that is left. */
export function liveLines({ examined, left, isCut }: LiveReport, { width }: Pick<Frame, 'width'>): Line[] {
  return [
    ...examined.flatMap(({ name, findings }) => findings.flatMap((each) => findingLines(name, each, width))),
    ...(isCut ? [line(span('It was ended before everything was looked into.', 'busy'))] : []),
    ...(left.length === 0
      ? [line(span('Everything that was made is gone again.', 'good'))]
      : left.flatMap((each) => leftLines(each, width))),
  ];
}

function findingLines(
  name: LiveExamined['name'],
  { state, expected, found, follows }: LiveFinding,
  width: number,
): Line[] {
  const text = `${name}: expected: ${expected}; found: ${found}; so: ${follows}`;
  const [first = [], ...more] = wrapSentence(text, width - INDENT.length);
  return [
    line(span(WORDS[state].padEnd(INDENT.length), TONES[state]), ...first),
    ...more.map((rest) => line(INDENT, ...rest)),
  ];
}

function leftLines({ label, because, command }: LeftThing, width: number): Line[] {
  return [
    line(span('left'.padEnd(INDENT.length), 'bad'), `${label} could not be removed: ${because}`),
    ...wrapSentence(command, width, { tone: 'accent', indent: INDENT }),
  ];
}
