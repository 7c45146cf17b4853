import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { line, span } from '../views/text.ts';

/** Writes a commented manifest to begin with; never over an existing file. */
export async function init(session: Session, file: string): Promise<number> {
  const { context, terminal } = session;
  try {
    await context.writeNewFile(resolve(context.workingDirectory, file), FIRST_MANIFEST);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(code === 'EEXIST' ? `${file} exists already` : `${file} cannot be written: ${message}`, {
      suggestion: 'name another file: supplant init FILE',
    });
  }
  terminal.result('init', { file }, () =>
    terminal.quiet ? [] : [line(`Wrote ${file}. Next: `, span(`supplant apply -f ${file}`, 'accent'))],
  );
  return EXIT.ok.code;
}

export const FIRST_MANIFEST = `# What to run, and how a new version takes the place of the one before.
apiVersion: supplant.dev/v1
kind: Service
name: web
environment: production

# One of: a published npm package at an exact version, npm:NAME@VERSION; a folder, dir:./app (relative to this file);
# a command, cmd:node server.mjs
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
