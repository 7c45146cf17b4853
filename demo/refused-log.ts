import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Requests in a web server's own log, told apart by their user agent. */
export interface LogCounts {
  checks: number;
  others: number;
}

/** How the checks name themselves. */
const CHECK_AGENT = 'supplant-check';
const LOOK_EVERY_MS = 25;

/** http-server writes one line a request: `[…]  "GET /" "supplant-check"`. */
export function countRequests(log: string): LogCounts {
  const agents = [...log.matchAll(/^\[[^\]]+\]\s+"(?:GET|HEAD|POST|PUT|DELETE) [^"]*" "([^"]*)"$/gm)];
  const checks = agents.filter(([, agent]) => agent === CHECK_AGENT).length;
  return { checks, others: agents.length - checks };
}

/** Reads a log again and again, for it goes with its stack. Returns what it held last. */
export async function watchLog(path: string, signal: AbortSignal): Promise<LogCounts> {
  let last: LogCounts = { checks: 0, others: 0 };
  while (!signal.aborted) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text !== undefined) last = countRequests(text);
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return last;
}
