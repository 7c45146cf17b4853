import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataFolder } from '../src/data-folder.ts';
import { readLastLines } from '../src/dev/ready.ts';
import { STORE_VARIABLE } from '../src/store/place.ts';
import { DEMO_MARK } from './marks.ts';

/** Stopping gives work under way time to come to a clean end; this is beyond all its limits. */
const STOP_MS = 90_000;

/** The real `supplant dev`, as a person would start it. */
export class DevProcess {
  readonly #process: ChildProcess;
  readonly #log: string;
  /** How it ended. */
  readonly ended: Promise<string>;
  /** When it says that everything runs. */
  readonly ready: Promise<void>;
  #stopping = false;

  static async start(folder: DataFolder, onLost: (error: Error) => void): Promise<DevProcess> {
    await mkdir(folder.logs, { recursive: true });
    return new DevProcess(folder, onLost);
  }

  private constructor(folder: DataFolder, onLost: (error: Error) => void) {
    this.#log = join(folder.logs, 'dev.log');
    const output = openSync(this.#log, 'a');
    // A group of its own: Ctrl-C in the terminal reaches the demo, which ends everything in order.
    this.#process = spawn(fileURLToPath(new URL('../bin/supplant', import.meta.url)), devArguments(folder), {
      stdio: ['ignore', 'pipe', output],
      detached: true,
      env: { ...process.env, [STORE_VARIABLE]: '', [DEMO_MARK]: folder.root },
    });
    closeSync(output);
    this.ended = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(error.message));
      this.#process.once('exit', (code, signal) => resolve(signal ?? `exit code ${String(code)}`));
    });
    this.ready = new Promise((resolve, reject) => {
      this.#process.stdout?.once('data', () => resolve());
      void this.ended.then((how) => {
        const error = this.#lost(how);
        reject(error);
        if (!this.#stopping) onLost(error);
      });
    });
    this.ready.catch(() => undefined);
  }

  /** As Ctrl-C would. Returns how it ended: `exit code 0`. */
  async stop(): Promise<string> {
    this.#stopping = true;
    this.#process.kill('SIGINT');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS);
    const how = await this.ended;
    clearTimeout(timer);
    return how;
  }

  /** A second Ctrl-C. */
  hurry(): void {
    this.#process.kill('SIGINT');
  }

  #lost(how: string): Error {
    return new Error(`supplant dev ended (${how}). The end of ${this.#log}:\n${readLastLines(this.#log, 10)}`);
  }
}

function devArguments(folder: DataFolder): string[] {
  return ['dev', '--data', folder.root, '--output', 'json'];
}
