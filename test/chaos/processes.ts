import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { type ProcessIdentity, identifyProcess, isAlive, readStat } from '../../src/host/process-identity.ts';

/**
 * What a process of an installation does there; `haproxy` is one that a service's traffic goes through, `service` is a stack's own, or what it has started, `log` bounds the log of
 * a part of `supplant dev` and ends with it.
 */
export type ProcessKind =
  | 'dev'
  | 'temporal'
  | 'router'
  | 'worker'
  | 'gateway'
  | 'runner'
  | 'engine'
  | 'service'
  | 'bundler'
  | 'log'
  | 'haproxy-control'
  | 'haproxy'
  | 'other';

export interface FoundProcess extends ProcessIdentity {
  kind: ProcessKind;
  command: string;
}

/** By the most telling part of the command line; the first that fits counts. */
const TELLING: [string, ProcessKind][] = [
  ['start-dev', 'temporal'],
  ['routing/embedded/main.ts', 'router'],
  ['routing/haproxy/main.ts', 'haproxy-control'],
  ['haproxy -db -f', 'haproxy'],
  ['src/worker.ts', 'worker'],
  ['src/gateway.ts', 'gateway'],
  ['pulumi/runner/main.ts', 'runner'],
  ['bundle-process.ts', 'bundler'],
  ['src/cli/main.ts', 'dev'],
];

/**
 * Every live process that has to do with a data folder, seen from outside: its command line, its environment or its
 * working folder names it. Linux only.
 */
export function processesOf(root: string): FoundProcess[] {
  return listPids()
    .filter((pid) => pid !== process.pid)
    .flatMap((pid) => {
      const command = commandOf(pid);
      const environment = read(`/proc/${pid}/environ`);
      const concerned = command.includes(root) || environment.includes(root) || folderOf(pid).startsWith(root);
      const identity = concerned ? identifyProcess(pid) : undefined;
      if (!identity) return [];
      const isLog = boundsLog(root, command.startsWith('dd ') ? commandOf(parentOf(pid)) : command);
      return [{ ...identity, kind: isLog ? 'log' : kindOf(command, environment), command }];
    });
}

/** Every live process of a pid namespace, `pid:[4026532201]`, as this one sees them. */
export function processesOfNamespace(namespace: string): FoundProcess[] {
  return listPids().flatMap((pid) => {
    const identity = readNamespace(pid) === namespace ? identifyProcess(pid) : undefined;
    if (!identity) return [];
    const command = commandOf(pid);
    return [{ ...identity, kind: kindOf(command, read(`/proc/${pid}/environ`)), command }];
  });
}

/** Undefined for a process that is gone. */
export function readNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

function listPids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** Whether it is one of those that `supplant dev` starts, and has to end. */
export function isPart(kind: ProcessKind): boolean {
  return ['temporal', 'router', 'haproxy-control', 'worker', 'gateway'].includes(kind);
}

export function ofKind(root: string, ...kinds: ProcessKind[]): FoundProcess[] {
  return processesOf(root).filter(({ kind }) => kinds.includes(kind));
}

/** Signals a process that was found before, if it is still the same. Says whether it was. */
export function signal(found: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isAlive(found)) return false;
  try {
    process.kill(found.pid, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function parentOf(pid: number): number {
  return readStat(pid)?.parent ?? 0;
}

/** See `src/host/bounded-log.ts`. */
function boundsLog(root: string, command: string): boolean {
  return command.includes('log=$1') && command.includes(` ${root}/logs/`);
}

function kindOf(command: string, environment: string): ProcessKind {
  if (/(^|\0)SUPPLANT_PROCESS=/.test(environment)) return 'service';
  if (basename(command.split(' ', 1)[0] ?? '') === 'pulumi') return 'engine';
  return TELLING.find(([part]) => command.includes(part))?.[1] ?? 'other';
}

/** Empty for a process that is gone, or a zombie. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}
