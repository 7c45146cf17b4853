import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { type BoundedLog, openBoundedLog } from '../../src/host/bounded-log.ts';
import { claimingCommand, type Marks } from '../../src/host/claiming-command.ts';
import { readUserUmask } from '../../src/host/umask.ts';
import { readSecret } from '../../src/secrets/secrets.ts';
import { keeperRecord, logPath } from './layout.ts';
import type { ProcessRecord } from './records.ts';

/** Marks a process and all it starts, so that what leaves its group is still found. */
export const MARKER = 'SUPPLANT_PROCESS';

/** The worker's own settings are none of a service's business, but for what programs need to find their way. */
const HANDED_ON = ['HOME', 'LANG', 'LC_ALL', 'LOGNAME', 'SHELL', 'SSL_CERT_FILE', 'TMPDIR', 'TZ', 'USER'];

export interface Launched {
  child: ChildProcess;
  /** Resolves when all that it and what it has started have printed is in its log: not before the last of them ends. */
  kept: BoundedLog['kept'];
}

/** Starts the process in a session of its own, so that it outlives the worker. Resolves once it is forked. */
export async function launch(record: ProcessRecord, path: string, start: number, marks: Marks): Promise<Launched> {
  const env = await environment(record, path);
  const logFile = logPath(dirname(path), record.name);
  const log = await openBoundedLog(logFile, keeperRecord(logFile, start));
  try {
    const command = record.spec.command.map((word) => placed(word, record));
    const [binary, ...args] = claimingCommand(path, start, command, { ...marks, umask: readUserUmask() });
    const child = spawn(binary, args, {
      cwd: record.spec.directory,
      detached: true,
      env,
      stdio: ['ignore', log.output, log.output],
    });
    await forked(child);
    child.unref();
    return { child, kept: log.kept };
  } finally {
    log.close();
  }
}

async function forked(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}

/** @throws SecretError when a secret cannot be had */
async function environment(record: ProcessRecord, path: string): Promise<NodeJS.ProcessEnv> {
  const secrets = await Promise.all(
    Object.entries(record.spec.secrets).map(async ([name, reference]) => [name, await readSecret(reference)]),
  );
  const own = Object.entries(record.spec.env).map(([name, text]) => [name, placed(text, record)]);
  const inherited = [...HANDED_ON, ...record.spec.passEnv]
    .filter((name) => Object.hasOwn(process.env, name))
    .map((name) => [name, process.env[name]]);
  return {
    ...(Object.fromEntries(inherited) as NodeJS.ProcessEnv),
    PATH: searchPath(record.spec.directory),
    ...(Object.fromEntries([...own, ...secrets]) as NodeJS.ProcessEnv),
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

/** With the host and the port in their places. */
export function placed(text: string, record: ProcessRecord): string {
  return text.replaceAll('{port}', String(record.port)).replaceAll('{host}', record.host);
}
