import type { z } from 'zod';
import { NAME } from '../../domain/service/service.ts';
import { formatDuration } from '../duration.ts';
import { ALWAYS, duration, list, mapping, text, wholeNumber } from '../fields.ts';
import { type Refusal, refuse } from '../problems.ts';
import { DEFAULT_TIMING, chooseTimeout } from './defaults.ts';
import { httpSchema } from './http-schema.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_CHECKS = 50;
const MOST_SUCCESSES = 100;
const UP_TO_AN_HOUR = { least: 10, most: HOUR, words: 'from 10ms to 1h' };
const UP_TO_A_DAY = { least: 10, most: DAY, words: 'from 10ms to 24h' };

/** The keys of a check. */
export const CHECK_KEYS = {
  name: text('a name of lower-case letters, digits and hyphens, at most 40, such as answers', NAME).describe(
    'What the check is called; each name once.',
  ),
  http: httpSchema.optional().describe('Asks every process of the revision over HTTP.'),
  command: list(text(), {
    list: 'a list: program and arguments, such as [curl, -f, "{url}/healthz"]',
    empty: 'a program to run',
  })
    .optional()
    .describe(
      "A program and its arguments; exit code 0 is a success. {url}, {host} and {port} stand for a process's address.",
    ),
  workingDirectory: text('a path')
    .optional()
    .describe("The folder that the command runs in, relative to the manifest's. The manifest's own unless told."),
  successes: wholeNumber(1, MOST_SUCCESSES)
    .prefault(DEFAULT_TIMING.successes)
    .describe('Successes in a row that make the check pass.'),
  interval: duration(UP_TO_AN_HOUR)
    .prefault(formatDuration(DEFAULT_TIMING.intervalMs))
    .describe('The pause between two attempts.'),
  timeout: duration(UP_TO_AN_HOUR, formatDuration(DEFAULT_TIMING.timeoutMs))
    .optional()
    .describe('The limit for one attempt; the deadline where that is shorter.'),
  deadline: duration(UP_TO_A_DAY)
    .prefault(formatDuration(DEFAULT_TIMING.deadlineMs))
    .describe('The limit for the check as a whole: not passed by then is failed.'),
};

const checkSchema = mapping(CHECK_KEYS).meta({ anyOf: [{ required: ['http'] }, { required: ['command'] }] });

export type CheckFields = z.output<typeof checkSchema>;

/** The `checks` of a manifest. */
export const checksSchema = list(
  checkSchema.superRefine((check, context) => {
    for (const refusal of findCheckFaults(check)) refuse(context, refusal);
  }, ALWAYS),
  {
    list: 'a list of checks',
    empty: 'at least one check, or no checks key for one HTTP check on /',
  },
)
  .max(MOST_CHECKS, { error: `at most ${MOST_CHECKS} checks` })
  .meta({ $comment: `a list of at most ${MOST_CHECKS} checks` })
  .superRefine((checks, context) => {
    const seen = new Set<string>();
    for (const [index, name] of namesOf(checks).entries()) {
      if (name === undefined) continue;
      const path = [index, 'name'];
      if (seen.has(name)) refuse(context, { path, wanted: 'a name of its own', found: `'${name}' a second time` });
      seen.add(name);
    }
  }, ALWAYS);

/** How the keys of a check go together, each of which may be faulty itself. */
export function findCheckFaults(check: Partial<CheckFields>): Refusal[] {
  return [...probeFaults(check), ...timingFaults(check)];
}

/** Of checks some of which may be faulty. */
function namesOf(checks: unknown): (string | undefined)[] {
  if (!Array.isArray(checks)) return [];
  return checks.map((check: Partial<CheckFields> | null) =>
    typeof check?.name === 'string' && NAME.test(check.name) ? check.name : undefined,
  );
}

function probeFaults({ http, command, workingDirectory }: Partial<CheckFields>): Refusal[] {
  if (http !== undefined && command !== undefined) return [{ wanted: 'either http or command', found: 'both' }];
  if (http !== undefined && workingDirectory !== undefined) {
    return [{ path: ['workingDirectory'], wanted: 'it with a command only', found: 'it with http' }];
  }
  if (http !== undefined || command !== undefined) return [];
  return [{ path: ['http'], wanted: 'http: {path: /} or command: [program, argument]', found: 'nothing' }];
}

/** How a check's times go together; those that are faulty themselves count as their defaults. */
function timingFaults(check: Partial<CheckFields>): Refusal[] {
  const successes = within(check.successes, 1, MOST_SUCCESSES) ?? DEFAULT_TIMING.successes;
  const interval = within(check.interval, 0, HOUR) ?? DEFAULT_TIMING.intervalMs;
  const deadline = within(check.deadline, 0, DAY) ?? DEFAULT_TIMING.deadlineMs;
  const timeout = chooseTimeout(within(check.timeout, 0, HOUR), deadline);
  const latency = within(check.http?.maxLatency, 0, HOUR) ?? 0;
  const span = (successes - 1) * interval;
  const faults: Refusal[] = [];
  if (span >= deadline) {
    const wanted = `a deadline beyond the ${formatDuration(span)} that ${successes} successes take`;
    faults.push({ path: ['deadline'], wanted, found: formatDuration(deadline) });
  }
  if (timeout > deadline) {
    const wanted = `a timeout within the deadline of ${formatDuration(deadline)}`;
    faults.push({ path: ['timeout'], wanted, found: formatDuration(timeout) });
  }
  if (latency > timeout) {
    const wanted = `a duration up to the timeout of ${formatDuration(timeout)}`;
    faults.push({ path: ['http', 'maxLatency'], wanted, found: formatDuration(latency) });
  }
  return faults;
}

function within(value: unknown, least: number, most: number): number | undefined {
  return typeof value === 'number' && value >= least && value <= most ? value : undefined;
}
