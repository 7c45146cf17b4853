import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { claimingCommand } from '../../src/host/claiming-command.ts';
import { logPath } from './layout.ts';
import type { ProcessRecord } from './records.ts';

/** Marks a process and all it starts, so that what leaves its group is still found. */
export const MARKER = 'SUPPLANT_PROCESS';

/** The worker's own settings are none of a service's business, but for what programs need to find their way. */
const HANDED_ON = ['HOME', 'LANG', 'LC_ALL', 'LOGNAME', 'SHELL', 'SSL_CERT_FILE', 'TMPDIR', 'TZ', 'USER'];

/** Starts the process in a session of its own, so that it outlives the worker. Resolves once it is forked. */
export async function launch(record: ProcessRecord, path: string, start: number): Promise<ChildProcess> {
  const log = await open(logPath(dirname(path), record.name), 'a', 0o600);
  try {
    const command = record.spec.command.map((word) => placed(word, record));
    const [binary, ...args] = claimingCommand(path, start, command);
    const child = spawn(binary, args, {
      cwd: record.spec.directory,
      detached: true,
      env: environment(record, path),
      stdio: ['ignore', log.fd, log.fd],
    });
    await forked(child);
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

async function forked(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}

function environment(record: ProcessRecord, path: string): NodeJS.ProcessEnv {
  const own = Object.entries(record.spec.env).map(([name, text]) => [name, placed(text, record)]);
  const inherited = [...HANDED_ON, ...record.spec.passEnv]
    .filter((name) => process.env[name] !== undefined)
    .map((name) => [name, process.env[name]]);
  return {
    ...(Object.fromEntries(inherited) as NodeJS.ProcessEnv),
    PATH: searchPath(record.spec.directory),
    ...(Object.fromEntries(own) as NodeJS.ProcessEnv),
    HOST: record.host,
    PORT: String(record.port),
    [MARKER]: path,
  };
}

/** The package's own programs first, then the Node that runs the worker, so that `node` means the same everywhere. */
function searchPath(directory: string): string {
  const bins = [join(directory, 'node_modules', '.bin'), dirname(process.execPath)];
  return [...bins, process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter);
}

function placed(text: string, record: ProcessRecord): string {
  return text.replaceAll('{port}', String(record.port)).replaceAll('{host}', record.host);
}
