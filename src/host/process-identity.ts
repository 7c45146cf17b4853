import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * A process, told apart from any other that has had or will have its pid: `started` is the boot and the clock tick at
 * which it began (Linux), or what `ps` says of its start.
 */
export interface ProcessIdentity {
  pid: number;
  started: string;
}

/** The process that now has this pid; undefined when there is none, or only a zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.started === identity.started;
}

/**
 * Where this process's pids mean something: a machine since its boot, or one of its containers, which count anew. Of a
 * process of another space nobody here can tell whether it is alive.
 */
export function readProcessSpace(): string {
  return process.platform === 'linux' ? `${readBootId()}/${readlinkSync('/proc/self/ns/pid')}` : hostname();
}

/** This very process. */
export function identifySelf(): ProcessIdentity {
  const identity = identifyProcess(process.pid);
  if (!identity) throw new Error(`cannot tell when process ${process.pid} started: neither /proc nor ps can be read`);
  return identity;
}

/** Fields of a line of `/proc/<pid>/stat` that follow the command, which may itself hold spaces and brackets. */
export interface ProcessStat {
  /** One letter; `Z` and `X` are dead. */
  state: string;
  parent: number;
  group: number;
  session: number;
  /** Field 22: clock ticks since boot. */
  startTicks: string;
}

export function parseStat(line: string): ProcessStat | undefined {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  const startTicks = fields[19];
  if (!state || !group || !startTicks) return undefined;
  return {
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTicks: startTicks.trim(),
  };
}

/** Reads `/proc/<pid>/stat`; undefined when the process is gone. */
export function readStat(pid: number): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Ticks count from boot, so they only identify a process together with the boot. */
export function startedText(bootId: string, startTicks: string): string {
  return `${bootId.trim()}/${startTicks}`;
}

let boot: string | undefined;
export function readBootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

function startedOnLinux(pid: number): string | undefined {
  const stat = readStat(pid);
  if (!stat || stat.state === 'Z' || stat.state === 'X') return undefined;
  return startedText(readBootId(), stat.startTicks);
}

function startedByPs(pid: number): string | undefined {
  try {
    const [state = 'Z', ...started] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    })
      .trim()
      .split(/\s+/);
    return state.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    return undefined;
  }
}

/** Ticks per second in `/proc`: `USER_HZ`, 100 on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

/** When the process with this pid began, in milliseconds since the epoch; undefined when there is none. */
export function startedAt(pid: number): number | undefined {
  const identity = identifyProcess(pid);
  if (!identity) return undefined;
  if (process.platform !== 'linux') return Date.parse(identity.started);
  const ticks = Number(readStat(pid)?.startTicks);
  const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
  return Number.isNaN(ticks) ? undefined : (bootSeconds + ticks / TICKS_PER_SECOND) * 1000;
}
