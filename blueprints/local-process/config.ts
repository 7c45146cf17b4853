import { z } from 'zod';
import { describeValue } from '../../src/config/fault.ts';
import { ALWAYS, duration, entries, FIRST, list, mapping, wholeNumber } from '../../src/config/fields.ts';
import { refuse } from '../../src/config/problems.ts';
import { variable } from '../../src/config/secret-field.ts';

const MOST_PROCESSES = 64;
const DAY = 86_400_000;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Set by the provider for every process; a config that set them too would contradict the recorded port. */
const RESERVED = new Set(['PORT', 'HOST', 'SUPPLANT_PROCESS']);
const WITHIN_A_DAY = { least: 0, most: DAY, words: 'of at most a day (24h)' };

/** What a program is given: any text, but for what no process can be given. */
function word() {
  const error = ({ input }: { input?: unknown }): string =>
    typeof input === 'number' || typeof input === 'boolean' ? 'text, in quotes' : 'text';
  return z.string({ error }).superRefine((value, context) => {
    if (value.includes('\0')) refuse(context, { wanted: 'text without NUL characters', found: 'one' });
  });
}

function variableFault(name: string): { wanted: string; found: string } | undefined {
  if (!VARIABLE.test(name))
    return { wanted: 'the name of a variable: letters, digits and _', found: describeValue(name) };
  if (RESERVED.has(name)) return { wanted: 'another name', found: `${name}, which the blueprint sets itself` };
  return undefined;
}

/**
 * `blueprint.config` of a service on `local-process`. In `command`, `args` and `env`, `{host}` and `{port}` stand for
 * where the process must listen; HOST and PORT say the same.
 */
export const configSchema = mapping({
  command: list(word(), {
    list: 'a list: the program and its first arguments, such as [node, server.mjs]',
    empty: 'a program to run, or no command key',
  })
    .optional()
    .describe("Program and first arguments, run in the revision's folder. The artifact's own program unless told."),
  args: z.array(word(), { error: 'a list of arguments' }).prefault([]).describe('Further arguments.'),
  env: entries(variable(word()))
    .superRefine((env, context) => {
      for (const name of Object.keys(env)) {
        const fault = variableFault(name);
        if (fault) refuse(context, { path: [name], ...fault });
      }
    }, ALWAYS)
    .prefault({})
    .describe(
      'Variables, by name: text, which stands on record in the clear, or where a secret is: { secret: file:/run/secrets/db }.',
    ),
  passEnv: z
    .array(
      word().superRefine((name, context) => {
        const fault = variableFault(name);
        if (fault) refuse(context, fault);
      }, FIRST),
      { error: 'a list of names' },
    )
    .prefault([])
    .describe('Variables of the worker that are handed on, by name. Their values are recorded nowhere.'),
  processes: wholeNumber(1, MOST_PROCESSES).prefault(1).describe('How many processes, each with a port of its own.'),
  startTimeout: duration(WITHIN_A_DAY).prefault('30s').describe('Until when a process must listen.'),
  stopGrace: duration(WITHIN_A_DAY).prefault('10s').describe('Between SIGTERM and SIGKILL.'),
});

/** Complete with defaults; durations are milliseconds. */
export type LocalProcessConfig = z.output<typeof configSchema>;
