import { z } from 'zod';
import { LOAD_DEFAULTS, LOAD_STATUS } from '../../domain/experiment/probe.ts';
import { HTTP_METHODS } from '../../domain/evidence/checks.ts';
import { formatDuration } from '../duration.ts';
import { ALWAYS, amount, duration, lines, list, mapping, text } from '../fields.ts';
import { CHECK_KEYS, findCheckFaults } from '../manifest/check-schema.ts';
import { DEFAULT_TIMING } from '../manifest/defaults.ts';
import { sentHeaders } from '../manifest/header-schema.ts';
import { statusCodes } from '../manifest/status-codes.ts';
import { refuse } from '../problems.ts';

const HOUR = 3_600_000;
const MOST_PROBES = 50;
const MOST_RATE = 10_000;
const PATH = /^\/[^\s#]*$/;

const load = mapping(
  {
    rate: amount(0.01, MOST_RATE).describe(
      'Requests a second for each variant, however fast they are answered (an open loop).',
    ),
    for: duration({ least: 1_000, most: 24 * HOUR, words: 'from 1s to 24h' }).describe('For how long.'),
    warmUp: duration({ least: 0, most: HOUR, words: 'of at most an hour' })
      .prefault(formatDuration(LOAD_DEFAULTS.warmUpMs))
      .describe('What is sent before, at the same rate, and not counted.'),
    path: text('a path that begins with /, without spaces and #', PATH)
      .prefault(LOAD_DEFAULTS.path)
      .describe('What is asked for, with a query if need be.'),
    method: z.enum(HTTP_METHODS).prefault(LOAD_DEFAULTS.method).describe('The method.'),
    requestHeaders: sentHeaders().optional().describe('Headers that are sent as they are, Host too.'),
    requestBody: lines().optional().describe('The body that is sent; needs a method that sends one.'),
    status: statusCodes()
      .prefault([`${LOAD_STATUS.at(0)}-${LOAD_STATUS.at(-1)}`])
      .describe('Status codes that are accepted: codes and spans such as 200-299, one or a list.'),
    timeout: duration({ least: 10, most: HOUR, words: 'from 10ms to 1h' })
      .prefault(formatDuration(LOAD_DEFAULTS.timeoutMs))
      .describe('When a request counts as unanswered.'),
  },
  { duration: 'for', headers: 'requestHeaders', body: 'requestBody', warmup: 'warmUp' },
).superRefine(({ method, requestBody }, context) => {
  if (requestBody !== undefined && (method === 'GET' || method === 'HEAD')) {
    const found = `method: ${method}`;
    refuse(context, { path: ['requestBody'], wanted: 'a method that sends a body, such as method: POST', found });
  }
}, ALWAYS);

/** As a check has it, but absent where it is not given: a load has no use for it. */
function unset<Value>(key: z.ZodPrefault<z.ZodType<Value>>, shown: unknown) {
  return key
    .unwrap()
    .optional()
    .describe(key.description ?? '')
    .meta({ default: shown });
}

const probe = mapping({
  ...CHECK_KEYS,
  load: load
    .optional()
    .describe('Sends requests at a rate to every process of the variant, and keeps latencies and errors.'),
  successes: unset(CHECK_KEYS.successes, DEFAULT_TIMING.successes),
  interval: unset(CHECK_KEYS.interval, formatDuration(DEFAULT_TIMING.intervalMs)),
  deadline: unset(CHECK_KEYS.deadline, formatDuration(DEFAULT_TIMING.deadlineMs)),
}).meta({ anyOf: [{ required: ['http'] }, { required: ['command'] }, { required: ['load'] }] });

export type ProbeFields = z.output<typeof probe>;

const OF_CHECKS = ['http', 'command', 'workingDirectory', 'successes', 'interval', 'timeout', 'deadline'] as const;

/** The `probes` of an experiment. */
export const probesSchema = list(
  probe.superRefine((given, context) => {
    const { load: asked, http, command } = given;
    if (asked === undefined && http === undefined && command === undefined) {
      const wanted = 'http: {path: /}, command: [program, argument] or load: {rate: 20, for: 30s}';
      refuse(context, { path: ['http'], wanted, found: 'nothing' });
    } else if (asked === undefined) {
      for (const refusal of findCheckFaults(given as Parameters<typeof findCheckFaults>[0])) refuse(context, refusal);
    } else {
      for (const key of OF_CHECKS.filter((each) => given[each] !== undefined)) {
        const wanted = key === 'timeout' ? 'it within load' : 'it without load';
        refuse(context, { path: [key], wanted, found: 'it with load', atKey: true });
      }
    }
  }, ALWAYS),
  { list: 'a list of probes', empty: 'at least one probe, or no probes key' },
)
  .max(MOST_PROBES, { error: `at most ${MOST_PROBES} probes` })
  .meta({ $comment: `a list of at most ${MOST_PROBES} probes` });
