import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { claimPath } from './claims.ts';
import { logPath } from './layout.ts';
import type { ProcessRecord } from './records.ts';

/**
 * Claims start `$1` in its own name, then becomes the program: the pid and start time it writes are the program's. `ln`
 * is what makes the claim appear at once and whole, and fail when there is one already.
 */
const SCRIPT = `
claim=$1; shift
if [ -r /proc/self/stat ]; then
  read -r boot < /proc/sys/kernel/random/boot_id; read -r start < /proc/self/stat
else
  boot=ps; start=$(LC_ALL=C ps -o lstart= -p $$)
fi
(umask 077; printf '%s\\n%s\\n%s\\n' "$$" "$boot" "$start" > "$claim.$$") || exit 125
ln "$claim.$$" "$claim" 2> /dev/null; lost=$?
rm -f "$claim.$$"
[ $lost -eq 0 ] || exit 125
exec "$@"
`;

/** Marks a process and all it starts, so that what leaves its group is still found. */
export const MARKER = 'SUPPLANT_PROCESS';

/** The worker's own settings are none of a service's business, but for what programs need to find their way. */
const HANDED_ON = ['HOME', 'LANG', 'LC_ALL', 'LOGNAME', 'SHELL', 'SSL_CERT_FILE', 'TMPDIR', 'TZ', 'USER'];

/** Starts the process in a session of its own, so that it outlives the worker. Resolves once it is forked. */
export async function launch(record: ProcessRecord, path: string, start: number): Promise<ChildProcess> {
  const log = await open(logPath(dirname(path), record.name), 'a', 0o600);
  try {
    const command = record.spec.command.map((word) => placed(word, record));
    const child = spawn('/bin/sh', ['-c', SCRIPT, 'supplant', claimPath(path, start), ...command], {
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
