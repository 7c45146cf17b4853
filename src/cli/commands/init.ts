import { dirname, join, resolve } from 'node:path';
import { EXPERIMENT_SCHEMA_FILE } from '../../config/experiment/published.ts';
import { SCHEMA_FILE } from '../../config/manifest/published.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { line, span } from '../views/text.ts';
import { FIRST_EXPERIMENT } from './first-experiment.ts';
import { FIRST_MANIFEST } from './first-manifest.ts';
import { renderSchema, type SchemaKind } from './schema.ts';

/** What there is a first file of. */
interface First {
  file: string;
  text: string;
  schema: { file: string; kind: SchemaKind };
}

const SERVICE: First = {
  file: 'supplant.yaml',
  text: FIRST_MANIFEST,
  schema: { file: SCHEMA_FILE, kind: 'manifest' },
};

const EXPERIMENT: First = {
  file: 'experiment.yaml',
  text: FIRST_EXPERIMENT,
  schema: { file: EXPERIMENT_SCHEMA_FILE, kind: 'experiment' },
};

/** Writes a commented manifest to begin with, and beside it the schema it names; never over an existing file. */
export async function init(
  session: Session,
  given: string | undefined,
  options: { experiment?: boolean } = {},
): Promise<number> {
  const { context, terminal } = session;
  const first = options.experiment ? EXPERIMENT : SERVICE;
  const file = given ?? first.file;
  const path = resolve(context.workingDirectory, file);
  try {
    await context.writeNewFile(path, first.text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(code === 'EEXIST' ? `${file} exists already` : `${file} cannot be written: ${message}`, {
      suggestion: `name another file: supplant init ${options.experiment ? '--experiment ' : ''}FILE`,
    });
  }
  const schema = join(dirname(file), first.schema.file);
  const isNew = await writeSchema(session, join(dirname(path), first.schema.file), first.schema.kind);
  terminal.done('init', { file, schema }, () => [
    line(`Wrote ${file}`, ...(isNew ? [` and ${schema}, by which editors complete and check it`] : []), '. Next: '),
    line('  ', span(`supplant apply -f ${file}`, 'accent')),
  ]);
  return EXIT.ok.code;
}

/** One that is there stays: other manifests beside it go by it too. */
async function writeSchema({ context }: Session, path: string, kind: SchemaKind): Promise<boolean> {
  try {
    await context.writeNewFile(path, await renderSchema(kind));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
