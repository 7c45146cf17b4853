import { readFileSync, readdirSync } from 'node:fs';

const MEBIBYTE = 1024;

/** The most memory a process has had resident since it started, in MiB (VmHWM of proc_pid_status(5)). */
export function peakMebibytes(pid: number): number {
  return kibibytes(pid, 'VmHWM') / MEBIBYTE;
}

/** Watches the memory of all that a process has started, and what those have. */
export class DescendantMemory implements Disposable {
  readonly #root: number;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;
  #most = 0;

  constructor(root: number, everyMs = 100) {
    this.#root = root;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** The largest sum seen, in MiB. Pages that several share count for each of them. */
  get peakMebibytes(): number {
    return this.#peak / MEBIBYTE;
  }

  /** The most processes seen at once. */
  get processes(): number {
    return this.#most;
  }

  #look(): void {
    const pids = descendants(this.#root);
    this.#most = Math.max(this.#most, pids.length);
    this.#peak = Math.max(
      this.#peak,
      pids.reduce((sum, pid) => sum + kibibytes(pid, 'VmRSS'), 0),
    );
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function descendants(root: number): number[] {
  const children = Map.groupBy(processes(), ({ parent }) => parent);
  const below = (pid: number): number[] =>
    (children.get(pid) ?? []).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(root);
}

function processes(): { pid: number; parent: number }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((name) => ({ pid: Number(name), parent: field(Number(name), 'PPid') }));
}

function kibibytes(pid: number, name: 'VmHWM' | 'VmRSS'): number {
  return field(pid, name);
}

/** 0 for a process that has ended meanwhile. */
function field(pid: number, name: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
