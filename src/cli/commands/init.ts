import { dirname, join, resolve } from 'node:path';
import { SCHEMA_FILE, SCHEMA_LINE } from '../../config/manifest/published.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { line, span } from '../views/text.ts';
import { renderSchema } from './schema.ts';

/** Writes a commented manifest to begin with, and beside it the schema it names; never over an existing file. */
export async function init(session: Session, file: string): Promise<number> {
  const { context, terminal } = session;
  const path = resolve(context.workingDirectory, file);
  try {
    await context.writeNewFile(path, FIRST_MANIFEST);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(code === 'EEXIST' ? `${file} exists already` : `${file} cannot be written: ${message}`, {
      suggestion: 'name another file: supplant init FILE',
    });
  }
  const schema = join(dirname(file), SCHEMA_FILE);
  const isNew = await writeSchema(session, join(dirname(path), SCHEMA_FILE));
  terminal.done('init', { file, schema }, () => [
    line(`Wrote ${file}`, ...(isNew ? [` and ${schema}, by which editors complete and check it`] : []), '. Next: '),
    line('  ', span(`supplant apply -f ${file}`, 'accent')),
  ]);
  return EXIT.ok.code;
}

/** One that is there stays: other manifests beside it go by it too. */
async function writeSchema({ context }: Session, path: string): Promise<boolean> {
  try {
    await context.writeNewFile(path, await renderSchema('manifest'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

export const FIRST_MANIFEST = `${SCHEMA_LINE}# What to run, and how a new version takes the place of the one before.
apiVersion: supplant.dev/v1
kind: Service
name: web
environment: production

# One of: a published npm package at an exact version, npm:NAME@VERSION; a copy of a folder, dir:./app (relative to this
# file); a command that runs beside this file, cmd:node server.mjs
artifact: npm:http-server@14.1.1

blueprint:
  name: local-process
  config:
    # {host} and {port} stand for where the process must listen; PORT and HOST are in its environment, too.
    args: ['.', '--address', '{host}', '--port', '{port}']

# Where clients connect. If the port is taken another one is used; supplant status shows which.
router:
  port: 8080

# A new revision takes all the traffic at once, and loses it again if it is not healthy for this long.
strategy:
  kind: blue-green
  bake: 10s

# What a revision must prove before it gets any traffic.
checks:
  - name: answers
    http:
      path: /
      status: 200-399
    successes: 3
    interval: 500ms
    deadline: 1m

# Previous revisions kept running without traffic, for an instant rollback.
retention:
  warm: 1
  for: 1h
`;
