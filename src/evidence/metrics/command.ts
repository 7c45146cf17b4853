import { stat } from 'node:fs/promises';
import type { CommandMetric } from '../../domain/evidence/metric-spec.ts';
import { fillTemplate, listTemplateWords } from '../../domain/evidence/metric-template.ts';
import type { Json } from '../../domain/json.ts';
import { runCommand } from '../../host/run-command.ts';
import { describeExit } from '../checks/command.ts';
import { quoteShort } from '../checks/quote.ts';
import { type AnsweredNumber, readNumber, withSamples } from './answered-number.ts';
import { MetricQueryError, MetricsUnavailableError, type ReadMetric } from './provider.ts';
import { type ResolvedVariables, resolveVariables } from './variables.ts';

const OUTPUT_KEPT = 64 * 1024;
const QUOTED = 100;

/** Runs the command once, without a shell, and takes what it prints for the number. What it leaves running is ended with it. */
export const readCommand: ReadMetric<CommandMetric> = async (spec, subject, window, signal) => {
  const words = listTemplateWords(subject, window);
  const command = spec.command.map((part) => fillTemplate(part, words));
  const variables = await resolveVariables(spec.env, signal);
  const stdout = await printOf(spec, command, variables, signal);
  const source = `what ${command[0] ?? ''} prints`;
  return [{ ...window, source, query: command.join(' '), ...parsePrinted(stdout, source) }];
};

async function printOf(
  { workingDirectory: cwd = '/', timeoutMs }: CommandMetric,
  [program = '', ...args]: readonly string[],
  { values, redact }: ResolvedVariables,
  signal: AbortSignal | undefined,
): Promise<string> {
  const isFolder = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new MetricQueryError(`${program} could not be run: its folder ${cwd} is not there`);
  const limit = AbortSignal.timeout(timeoutMs);
  const either = signal ? AbortSignal.any([signal, limit]) : limit;
  const env = { ...process.env, ...values };
  const exit = await runCommand(program, args, { cwd, env, signal: either, keep: OUTPUT_KEPT }).catch(
    (error: unknown) => {
      // ENOENT, for instance.
      throw new MetricQueryError(`${program} could not be run: ${(error as Error).message}`, { cause: error });
    },
  );
  if (signal?.aborted) throw signal.reason;
  if (exit.code === 0) return redact(exit.stdout);
  const how = limit.aborted ? `did not end within ${timeoutMs} ms` : describeExit(exit, redact);
  throw new MetricsUnavailableError(`${program} ${how}`);
}

/**
 * A number alone, or `{"value": 0.2, "samples": 120}`. Nothing, null and what is not finite are no data.
 * @throws MetricQueryError for anything else
 */
export function parsePrinted(stdout: string, source: string): AnsweredNumber {
  const text = stdout.trim();
  if (text === '') return withSamples(undefined);
  const printed = parseJson(text);
  if (typeof printed !== 'object' || printed === null) return withSamples(readNumber(printed, source));
  if (Array.isArray(printed) || !Object.hasOwn(printed, 'value')) {
    const shown = quoteShort(text, QUOTED);
    throw new MetricQueryError(`${source} is ${shown}; it has to be a number, or {"value": 0.2, "samples": 120}`);
  }
  const { value = null, samples } = printed;
  const number = readNumber(value, `the value of ${source}`);
  return withSamples(number, samples === undefined ? undefined : (readNumber(samples, `samples of ${source}`) ?? 0));
}

/** What is no JSON may be a number all the same, such as `NaN`. */
function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
