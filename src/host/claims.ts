import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readBootId, type ProcessIdentity, parseStat, identifySelf, startedText } from './process-identity.ts';

/**
 * Who runs a record's process. Start number n exists once the file `<record>.n` does, and that file can be made only
 * once: by the started process, with its own pid in it, just before it becomes the program (see
 * {@link claimingCommand}) or begins its work, or by the one who rules that there will be no start n. So two starters never
 * get two processes, and a starter that dies at any moment, between forking and noting the pid included, leaves either a
 * claim that names the process or no process.
 */
export interface Claim {
  number: number;
  /** Undefined in a void claim: this record is never started again. */
  holder?: ProcessIdentity;
  /** The folder of the control group that it was put in, with all it starts. */
  cgroup?: string;
  /** The number that it and all it starts carry as a limit; see `limit-mark.ts`. */
  limit?: string;
}

export function claimPath(record: string, number: number): string {
  return `${record}.${number}`;
}

/** The start that counts; undefined before the first. */
export async function readLatestClaim(record: string): Promise<Claim | undefined> {
  const number = Math.max(0, ...(await claimNumbers(record)));
  return number === 0 ? undefined : claimAt(record, number);
}

/** Rules out every further start. False when somebody got start `number` first. */
export async function voidClaim(record: string, number: number): Promise<boolean> {
  await mkdir(dirname(record), { recursive: true });
  return makeOnce(record, number, 'void\n');
}

/** Takes start `number` for this very process. False when somebody got it first, or has ruled it out. */
export async function takeClaim(record: string, number: number): Promise<boolean> {
  const { pid, started } = identifySelf();
  const lines =
    process.platform === 'linux' ? [readBootId(), readFileSync('/proc/self/stat', 'utf8')] : ['ps', started];
  return makeOnce(record, number, `${[pid, ...lines].join('\n').trim()}\n`);
}

async function makeOnce(record: string, number: number, content: string): Promise<boolean> {
  const temporary = `${record}.${randomUUID()}.tmp`;
  await writeFile(temporary, content, { mode: 0o600 });
  try {
    await link(temporary, claimPath(record, number));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Old claims only serve to keep a very late starter out; this many are more than any starter can be behind. */
const KEPT = 8;

export async function pruneClaims(record: string, latest: number): Promise<void> {
  const old = (await claimNumbers(record)).filter((number) => number <= latest - KEPT);
  await Promise.all(old.map((number) => rm(claimPath(record, number), { force: true })));
}

/** All claims and what their writers may have left half-done. */
export async function removeClaims(record: string): Promise<void> {
  const names = await siblings(record);
  await Promise.all(names.map((name) => rm(join(dirname(record), name), { force: true })));
}

/** Undefined when there is no such start. */
export async function claimAt(record: string, number: number): Promise<Claim | undefined> {
  let text: string;
  try {
    text = await readFile(claimPath(record, number), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const [pid = '', boot = '', start = '', cgroup = '', limit = ''] = text.split('\n');
  if (pid === 'void') return { number };
  // On Linux the process notes the boot and its line of /proc/<pid>/stat; elsewhere what ps says.
  const started = boot === 'ps' ? start.trim().split(/\s+/).join(' ') : linuxStart(boot, start);
  const marks = { ...(cgroup === '' ? {} : { cgroup }), ...(limit === '' ? {} : { limit }) };
  return { number, holder: { pid: Number(pid), started }, ...marks };
}

/** A line torn by a power cut matches no process, which is right: none survived it. */
function linuxStart(boot: string, stat: string): string {
  return startedText(boot, parseStat(stat)?.startTicks ?? 'unknown');
}

async function claimNumbers(record: string): Promise<number[]> {
  const names = await siblings(record);
  return names
    .map((name) => name.slice(basename(record).length + 1))
    .filter((suffix) => /^[1-9]\d*$/.test(suffix))
    .map(Number);
}

async function siblings(record: string): Promise<string[]> {
  try {
    const names = await readdir(dirname(record));
    return names.filter((name) => name.startsWith(`${basename(record)}.`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
