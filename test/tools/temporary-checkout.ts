import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const OWN = ['bin', 'tools/setup', 'tools/temporal/go.mod', 'tools/pulumi/go.mod'];
/** Programs that a set-up and the scripts below may call; nothing else of this machine is to be found. */
const PROGRAMS = ['sh', 'npm', 'tar', 'gzip', 'cat', 'sleep', 'chmod', 'ps'];

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A copy of the set-up in a folder of its own, with a PATH that holds only what a test puts there. */
export class TemporaryCheckout {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'supplant-checkout-')));
  readonly #programs = join(this.root, 'programs');
  readonly #children = new Set<number>();
  readonly env: NodeJS.ProcessEnv = {
    PATH: this.#programs,
    HOME: this.root,
    npm_config_cache: join(this.root, 'npm-cache'),
    // The name of no machine: as unreachable as a machine without a network finds all of them, and as quickly known.
    SUPPLANT_RELEASES: 'https://releases.invalid',
  };

  constructor() {
    for (const path of OWN) cpSync(join(ROOT, path), join(this.root, path), { recursive: true });
    mkdirSync(this.#programs);
    symlinkSync(process.execPath, join(this.#programs, 'node'));
    for (const program of PROGRAMS) {
      const found = findProgram(program);
      if (found !== undefined) symlinkSync(found, join(this.#programs, program));
    }
    this.write('package.json', '{ "name": "supplant", "version": "1.0.0" }');
    this.write(
      'package-lock.json',
      '{ "name": "supplant", "version": "1.0.0", "lockfileVersion": 3, "requires": true, ' +
        '"packages": { "": { "name": "supplant", "version": "1.0.0" } } }',
    );
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(this.path(path));
  }

  /** Puts a shell script on PATH, or anywhere else in the checkout. */
  script(path: string, body: string): string {
    const file = path.includes('/') ? path : join('programs', path);
    this.write(file, `#!/bin/sh\n${body}\n`);
    chmodSync(this.path(file), 0o755);
    return this.path(file);
  }

  start(args: readonly string[] = []): { pid: number; ended: Promise<Ended> } {
    const child = spawn(process.execPath, [this.path('tools/setup/main.mjs'), ...args], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const pid = child.pid!;
    this.#children.add(pid);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => this.#children.delete(pid));
      child.once('close', (code) => resolve({ code, output }));
    });
    return { pid, ended };
  }

  setUp(...args: string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  remove(): void {
    for (const pid of this.#children) process.kill(pid, 'SIGKILL');
    rmSync(this.root, { recursive: true, force: true });
  }
}

function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  return found === undefined ? undefined : realpathSync(found);
}
