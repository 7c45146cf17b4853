import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../host/polling.ts';
import { type ProcessIdentity, identifyProcess, isAlive } from '../../host/process-identity.ts';
import type { Control } from './control.ts';
import { LIMITS } from './limits.ts';
import type { ProcessFolder } from './process-folder.ts';

/** Its port is somebody else's, or its address none of this machine's; with the code that `listen(2)` has for that. */
class BindError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`it cannot have its port: ${code}`);
    this.code = code;
  }
}

/** What HAProxy says of it. */
const BIND_FAULTS: readonly [says: string, code: string][] = [
  ['Address already in use', 'EADDRINUSE'],
  ['Cannot assign requested address', 'EADDRNOTAVAIL'],
];

/** A HAProxy that was started and may not answer yet. */
export interface StartedHaproxy {
  identity: ProcessIdentity | undefined;
  /** Resolves with how it ended, once it has. */
  ended: Promise<string>;
  /** @throws Error that says what HAProxy does; with the code EADDRINUSE where somebody else has its port */
  untilReady(control: Control): Promise<void>;
}

/** Starts a HAProxy by the files in its folder. */
export async function startHaproxy(program: string, folder: ProcessFolder): Promise<StartedHaproxy> {
  // A session of its own and no output of ours, so that nothing of what happens to this process happens to it.
  await using log = await open(folder.log, 'w', 0o600);
  const child = spawn(program, ['-db', '-f', 'haproxy.cfg'], {
    cwd: folder.path,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = awaitEnd(child);
  return {
    identity: child.pid === undefined ? undefined : identifyProcess(child.pid),
    ended,
    untilReady: (control) => untilReady(child, { ended, control, folder }),
  };
}

/** Of a process that is nobody's child here, only that it has gone can be known. */
export async function awaitGone(identity: ProcessIdentity): Promise<string> {
  while (isAlive(identity)) await sleep(LIMITS.aliveMs);
  return 'nobody knows how';
}

interface Starting {
  ended: Promise<string>;
  control: Control;
  folder: ProcessFolder;
}

async function untilReady(child: ChildProcess, { ended, control, folder }: Starting): Promise<void> {
  let how: string | undefined;
  void ended.then((said) => (how = said));
  const answers = (): Promise<boolean> =>
    control.identify().then(
      (identity) => identity?.pid === child.pid,
      () => false,
    );
  const isReady = await waitUntil(LIMITS.startMs, async () => how !== undefined || (await answers()));
  if (how === undefined && isReady) return;
  child.kill('SIGKILL');
  if (how === undefined) throw new Error(`it did not answer within ${LIMITS.startMs} ms`);
  const alerts = await folder.readAlerts();
  const [, code] = BIND_FAULTS.find(([says]) => alerts.includes(says)) ?? [];
  if (code !== undefined) throw new BindError(code);
  throw new Error(`${how}: ${alerts}`);
}

function awaitEnd(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${String(code)}`));
  });
}
