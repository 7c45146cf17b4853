import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError } from '../../driver.ts';

/** For a command that reads or writes a few objects of a bucket, far away and busy. */
const ANSWER_MS = 60_000;
const OUTPUT_BYTES = 256 * 1024 * 1024;
/** Each takes some 100 MB. */
const AT_ONCE = 2;

export interface CliAnswer {
  ok: boolean;
  stdout: string;
  /** May be shown: what is secret is only ever in `stdout`. */
  stderr: string;
  /** What is in the file that was asked for; empty where there is none. */
  file: string;
}

/** What a command is run with beside its arguments. */
export interface CliCall {
  /** Of whose folder it believes to be run in. */
  project: string;
  /** Files of that folder, by their paths in it. */
  files?: Readonly<Record<string, string>>;
  /** One of these, as it is afterwards. */
  reads?: string;
  env?: Readonly<Record<string, string>>;
  /** What it reads from its standard input: a secret is not for its arguments. */
  input?: string;
}

/** The engine's own command line, for what is not an operation on a stack. */
export class EngineCli {
  readonly #pulumiPath: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #root: string;
  readonly #waiting: (() => void)[] = [];
  #free = AT_ONCE;

  /** @param root where the folders that commands are run in are made */
  constructor(pulumiPath: string, env: Readonly<Record<string, string>>, root: string) {
    this.#pulumiPath = pulumiPath;
    this.#env = env;
    this.#root = root;
  }

  /** @throws EngineError when it cannot be run, or gives no answer */
  async run(args: readonly string[], call: CliCall): Promise<CliAnswer> {
    await this.#begin();
    try {
      await mkdir(this.#root, { recursive: true, mode: 0o700 });
      const folder = await mkdtemp(join(this.#root, 'state-'));
      try {
        return await this.#runIn(folder, args, call);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    } finally {
      this.#end();
    }
  }

  /** In a folder of its own: the command line takes the first project that it finds on the way up for the one that is meant. */
  async #runIn(folder: string, args: readonly string[], call: CliCall): Promise<CliAnswer> {
    const project = JSON.stringify({ name: call.project, runtime: 'nodejs' });
    for (const [name, text] of Object.entries({ 'Pulumi.yaml': project, ...call.files })) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text, { mode: 0o600 });
    }
    const answer = await this.#execute([...args, '--non-interactive', '--color', 'never'], folder, call);
    const file = call.reads === undefined ? '' : await readFile(join(folder, call.reads), 'utf8').catch(() => '');
    return { ...answer, file };
  }

  async #execute(args: readonly string[], cwd: string, { env, input = '' }: CliCall): Promise<Omit<CliAnswer, 'file'>> {
    return new Promise((resolve, reject) => {
      const options = { cwd, env: { ...this.#env, ...env }, timeout: ANSWER_MS, maxBuffer: OUTPUT_BYTES };
      const child = execFile(this.#pulumiPath, args, options, (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, stdout, stderr });
        else if (typeof error.code === 'number') resolve({ ok: false, stdout, stderr });
        else {
          const what = error.killed ? `gave no answer within ${ANSWER_MS / 1000} s` : 'cannot be run';
          reject(new EngineError(`pulumi ${args.slice(0, 2).join(' ')} ${what}`));
        }
      });
      // One that ends without reading it has said why.
      child.stdin?.on('error', () => undefined).end(input);
    });
  }

  async #begin(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }

  #end(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
