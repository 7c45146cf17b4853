import { extname, resolve } from 'node:path';
import { ApiError } from '../../../contract/supplant-client.ts';
import type { RunResults } from '../../../domain/experiment/run.ts';
import type { RunView } from '../../../domain/experiment/view.ts';
import { UsageError } from '../../errors.ts';
import { EXIT } from '../../exit-codes.ts';
import { onExperiment } from '../../experiment-argument.ts';
import { type Session, withClient } from '../../session.ts';
import { renderResults, renderResultsList } from '../../views/experiment/results.ts';
import { line } from '../../views/text.ts';
import { chooseRun } from './ask.ts';

export const RESULT_FORMATS = ['json', 'csv', 'html'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

interface Found {
  run: RunView;
  results?: RunResults;
}

/** What there is of the last runs. */
export async function listResults(session: Session, name: string, options: { limit: number }): Promise<number> {
  return withClient(session, (client) =>
    onExperiment(client, name, async (experiment) => {
      const runs = await client.experiments.listRuns(experiment, options);
      const found = await Promise.all(
        runs.map(async (run): Promise<Found> => {
          // A run that was skipped has none, and they are not kept for ever.
          const results = await client.experiments.results({ experiment, run: run.status.run }).catch(orNone);
          return results ?? { run };
        }),
      );
      session.terminal.result('resultsList', { results: found }, (frame) => renderResultsList(found, frame));
      return EXIT.ok.code;
    }),
  );
}

function orNone(error: unknown): undefined {
  if (error instanceof ApiError && error.reason === 'NOT_FOUND') return undefined;
  throw error;
}

export async function showResults(session: Session, name: string, run: string | undefined): Promise<number> {
  const choice = chooseRun(run);
  return withClient(session, (client) =>
    onExperiment(client, name, async (experiment) => {
      const found = await client.experiments.results({ experiment, ...choice });
      session.terminal.result('results', found, (frame) => renderResults(found, frame));
      return EXIT.ok.code;
    }),
  );
}

/** Writes what a run has found out for another program, or as a page, to stdout or to a new file. */
export async function exportResults(
  session: Session,
  name: string,
  run: string | undefined,
  options: { format?: ResultFormat; file?: string },
): Promise<number> {
  const choice = chooseRun(run);
  const { context, terminal } = session;
  const { file } = options;
  const format = options.format ?? formatOf(file);
  return withClient(session, (client) =>
    onExperiment(client, name, async (experiment) => {
      const text = await write(format, await client.experiments.results({ experiment, ...choice }));
      if (file === undefined) {
        context.stdout.write(text);
        return EXIT.ok.code;
      }
      await save(session, file, text);
      terminal.done('exported', { file, format }, () => [line(`Wrote ${file}.`)]);
      return EXIT.ok.code;
    }),
  );
}

function formatOf(file: string | undefined): ResultFormat {
  if (file === undefined) return 'json';
  const extension = extname(file).slice(1);
  const format = RESULT_FORMATS.find((each) => each === extension);
  if (format !== undefined) return format;
  throw new UsageError(`${file} does not say by its name what to write`, {
    suggestion: `say it with --format: ${RESULT_FORMATS.join(', ')}`,
  });
}

async function write(format: ResultFormat, found: { run: RunView; results: RunResults }): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(found, null, 2)}\n`;
    case 'csv':
      return (await import('../../../results/csv.ts')).formatResultsCsv(found.results);
    case 'html':
      return (await import('../../../results/page.ts')).renderResultsPage(found.run, found.results);
  }
}

async function save({ context }: Session, file: string, text: string): Promise<void> {
  try {
    await context.writeNewFile(resolve(context.workingDirectory, file), text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(code === 'EEXIST' ? `${file} exists already` : `${file} cannot be written: ${message}`, {
      suggestion: 'name another file with --file, or leave it out to write to stdout',
    });
  }
}
