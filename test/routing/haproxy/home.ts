import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'mocha';
import { type ProcessIdentity, isAlive } from '../../../src/host/process-identity.ts';
import { HaproxyRouter } from '../../../src/routing/haproxy/client.ts';
import { ProcessFolder } from '../../../src/routing/haproxy/process-folder.ts';
import { HaproxyMissingError, findHaproxy } from '../../../src/routing/haproxy/program.ts';
import { RuntimeSocket } from '../../../src/routing/haproxy/runtime-socket.ts';
import { RouterHome } from '../router-process.ts';

const MAIN = fileURLToPath(new URL('../../../src/routing/haproxy/main.ts', import.meta.url));

const canRun = await findHaproxy().then(
  () => true,
  (error: unknown) => {
    if (error instanceof HaproxyMissingError) return false;
    throw error;
  },
);

/** Tests that need HAProxy. Where there is none they are skipped; not in CI, where a test that never runs would look like one that passes. */
export function describeWithHaproxy(title: string, body: () => void): void {
  if (canRun || process.env.CI === 'true') describe(title, body);
  else describe.skip(`${title} (to run it: apt-get install haproxy)`, body);
}

export interface RunningHaproxy {
  port: number;
  identity: ProcessIdentity;
  runtime: RuntimeSocket;
}

/** The process that runs HAProxy, in a folder of its own. */
export class HaproxyHome {
  readonly home: RouterHome;

  private constructor(home: RouterHome) {
    this.home = home;
  }

  static async make(): Promise<HaproxyHome> {
    return new HaproxyHome(await RouterHome.make(MAIN));
  }

  /** What is in flight when it ends is cut, unless told otherwise: a test would wait for it. */
  start({ graceMs = 0 } = {}): Promise<ChildProcess> {
    return this.home.start(['--grace-ms', String(graceMs)]);
  }

  client(): HaproxyRouter {
    return new HaproxyRouter({ socketPath: this.home.socketPath });
  }

  /** Every HAProxy that runs, by port. */
  running(): RunningHaproxy[] {
    return this.#folders().flatMap((folder) => {
      const { port = 0, identity } = folder.readRecord() ?? {};
      if (!identity || !isAlive(identity)) return [];
      return [{ port, identity, runtime: new RuntimeSocket(folder.runtimeSocket) }];
    });
  }

  /** In good order, so that each HAProxy ends with it; what a test has left without its router is killed. */
  async dispose(): Promise<void> {
    const running = this.running();
    await this.home.dispose('SIGTERM');
    for (const { identity } of running) if (isAlive(identity)) process.kill(identity.pid, 'SIGKILL');
  }

  #folders(): ProcessFolder[] {
    return ProcessFolder.list(join(this.home.data, 'processes'), this.home.data);
  }
}
