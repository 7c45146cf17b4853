import { inspect } from 'node:util';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';

/** What Temporal's core has warned of, and what workers took for errors: the latest, last. */
const heard: { at: number; line: string }[] = [];
const MOST_HEARD = 200;

/** Prints errors, and keeps what may say why a workflow stands still. */
export function createSdkLogger(): DefaultLogger {
  const printer = new DefaultLogger('ERROR');
  return new DefaultLogger('WARN', (entry) => {
    keep(entry);
    printer.log(entry.level, entry.message, entry.meta);
  });
}

/** Since a moment, in milliseconds since the epoch. */
export function listSdkFaults(since: number): string[] {
  return heard.filter(({ at }) => at >= since).map(({ line }) => line);
}

/** Activities that fail are no news: tests have them do so. */
function keep({ level, message, meta, timestampNanos }: LogEntry): void {
  if (level === 'WARN' && meta?.sdkComponent !== 'core') return;
  const at = Number(timestampNanos / 1_000_000n);
  const told = inspect(meta ?? {}, { breakLength: Infinity, depth: 3 });
  heard.push({ at, line: `${new Date(at).toISOString()} ${level} ${message} ${told}`.slice(0, 1_000) });
  heard.splice(0, Math.max(0, heard.length - MOST_HEARD));
}
