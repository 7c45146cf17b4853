import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const BINARY = process.env.HAPROXY ?? '/usr/sbin/haproxy';

/** A HAProxy in front of one port, on a socket in a folder of its own. */
export class HaproxyProcess {
  readonly socketPath: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, process: ChildProcess) {
    this.#folder = folder;
    this.socketPath = join(folder, 'clients');
    this.#process = process;
  }

  static async start(port: number): Promise<HaproxyProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'supplant-haproxy-'));
    await writeFile(join(folder, 'haproxy.cfg'), configuration(folder, port));
    const child = spawn(BINARY, ['-db', '-q', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' });
    const haproxy = new HaproxyProcess(folder, child);
    const failed = once(child, 'exit').then(() => {
      throw new Error(`HAProxy ended at once; ${BINARY} -c -f … says why`);
    });
    await Promise.race([haproxy.#listens(), failed]);
    failed.catch(() => undefined);
    return haproxy;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    if (this.#process.exitCode === null && this.#process.kill('SIGKILL')) await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #listens(): Promise<void> {
    for (;;) {
      const socket = connect(this.socketPath);
      const listens = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'error').then(() => false),
      ]).catch(() => false);
      socket.destroy();
      if (listens) return;
      await pause(20);
    }
  }
}

function configuration(folder: string, port: number): string {
  return `
global
  nbthread 1
  maxconn 4000
  tune.bufsize 131072
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 60s
  http-reuse safe
  # Bytes above 0x7f in a reason phrase.
  option accept-invalid-http-response
listen service
  bind unix@${folder}/clients
  server one 127.0.0.1:${port}
`;
}
