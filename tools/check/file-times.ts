import { appendFileSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Suite } from 'mocha';
import { ROOT } from './run.ts';

/** Environment variable that names the file where every test file's time is put down. */
export const TIMES_FILE = 'SUPPLANT_TEST_TIMES';

/** What one test file took, in seconds, its loading and its hooks included. */
export interface FileTime {
  readonly file: string;
  readonly seconds: number;
  /** Of a processor: what the tests worked themselves, and the processes they started and saw the end of. */
  readonly busy: number;
}

/** Those that took longest, as lines of a table. */
export function slowest(times: readonly FileTime[], count: number): string[] {
  const ordered = times.toSorted((one, other) => other.seconds - one.seconds).slice(0, count);
  return ordered.map(
    ({ file, seconds, busy }) => `${seconds.toFixed(1).padStart(7)} s ${busy.toFixed(1).padStart(7)} s busy  ${file}`,
  );
}

export function readTimes(path: string): FileTime[] {
  try {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as FileTime);
  } catch {
    return [];
  }
}

/** One process runs many files, one after the other: each lasts from the end of the one before it. */
let since = { at: 0, busy: 0 };

/** Mocha's hooks around each file, in the process that runs it. */
export const mochaHooks = {
  afterAll(this: Mocha.Context): void {
    const [now, path] = [{ at: performance.now(), busy: busySeconds() }, process.env[TIMES_FILE]];
    const time = { file: fileOf(this.test?.parent), seconds: (now.at - since.at) / 1000, busy: now.busy - since.busy };
    since = now;
    if (path !== undefined) appendFileSync(path, `${JSON.stringify(time)}\n`);
  },
};

function fileOf(root: Suite | undefined): string {
  return relative(ROOT, root?.suites.find(({ file }) => file !== undefined)?.file ?? '');
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: utime, stime, cutime and cstime, in hundredths of a second. */
function busySeconds(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15);
    return fields.reduce((sum, field) => sum + Number(field), 0) / 100;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
}
