import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { findFreePort } from '../../../src/dev/ports.ts';
import { waitUntil } from '../../../src/host/polling.ts';

/** From cold, on a machine that is busy with other tests. */
const START_MS = 60_000;
const STARTS_TO_TRY = 5;

/** Starts a program and ends it when standard input does: with a test process that was killed, too. */
const RUN = `
import subprocess, sys, threading, os
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
def watch():
    sys.stdin.buffer.read()
    child.kill()
threading.Thread(target=watch, daemon=True).start()
os._exit(child.wait() & 255)
`;

/** A program that serves HTTP at a port of its own. */
export interface Served extends AsyncDisposable {
  url: string;
}

export interface Serving {
  /** In words: `OpenBao`. */
  title: string;
  /** The command line that serves a port of 127.0.0.1. It has to end when its standard input does. */
  command: (port: number) => readonly string[];
  env?: Record<string, string>;
  /** Whether it answers by now. */
  answers: (url: string) => Promise<boolean>;
}

/** Of a program that takes no notice of its standard input. */
export function endWithInput(python: string, command: readonly string[]): readonly string[] {
  return [python, '-c', RUN, ...command];
}

/** Such programs take no port 0: another one is tried where one is taken. */
export async function serveProgram({ title, command, env = {}, answers }: Serving): Promise<Served> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort(0);
    const url = `http://127.0.0.1:${port}`;
    const [program = '', ...args] = command(port);
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said = `${said}${data.toString()}`.slice(-4_000)));
    const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
    const isAnswered = await waitUntil(START_MS, async () => !isRunning() || (await answers(url).catch(() => false)));
    if (isAnswered && isRunning()) return { url, [Symbol.asyncDispose]: () => stop(child) };
    await stop(child);
    if (attempt === STARTS_TO_TRY) throw new Error(`${title} did not start on ${url}:\n${said}`);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}
