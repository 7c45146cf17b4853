import type { SupplantClient } from '../../src/contract/supplant-client.ts';
import type { CommandContext, Output } from '../../src/cli/context.ts';
import { run } from '../../src/cli/program.ts';
import { NOW } from './sample-views.ts';

/** A double of an output stream: keeps what was written, and each drawn frame. */
export class RecordingOutput implements Output {
  text = '';
  readonly frames: string[] = [];
  isTTY = false;
  columns = 80;
  rows = 24;

  write(text: string): void {
    this.text += text;
  }
  redraw(lines: readonly string[]): void {
    this.frames.push(lines.join('\n'));
  }
  keep(): void {
    // Nothing is drawn over here.
  }
  readonly #gone = new AbortController();
  get gone(): AbortSignal {
    return this.#gone.signal;
  }
  /** The reader goes away. */
  leave(): void {
    this.#gone.abort();
  }
  async flush(): Promise<undefined> {
    return undefined;
  }
}

export interface Ran {
  code: number;
  stdout: RecordingOutput;
  stderr: RecordingOutput;
}

export type Surroundings = Partial<Omit<CommandContext, 'stdout' | 'stderr'>> & {
  client?: SupplantClient;
  tty?: boolean;
};

/** Runs a whole command line against doubles. */
export async function runCommand(
  args: readonly string[],
  given: Surroundings = {},
): Promise<Ran & { exits: number[] }> {
  const { client, tty = false, ...rest } = given;
  const stdout = new RecordingOutput();
  const stderr = new RecordingOutput();
  stdout.isTTY = tty;
  stderr.isTTY = tty;
  const exits: number[] = [];
  const context: CommandContext = {
    connect: async () => client ?? Promise.reject(new Error('this command must not connect')),
    runDev: () => Promise.reject(new Error('this command must not run dev')),
    runGateway: () => Promise.reject(new Error('this command must not run a gateway')),
    backUp: () => Promise.reject(new Error('this command must not back up')),
    restore: () => Promise.reject(new Error('this command must not restore')),
    readFile: () => Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' })),
    writeNewFile: () => Promise.reject(new Error('this command must not write')),
    readStdin: () => Promise.reject(new Error('this command must not read')),
    env: { LANG: 'en_GB.UTF-8' },
    workingDirectory: '/home/ada/shop',
    person: 'ada@laptop',
    now: () => NOW,
    onInterrupt: () => ({ [Symbol.dispose]: () => undefined }),
    pollMs: 1,
    ...rest,
    stdout,
    stderr,
  };
  const code = await run(args, context, (exit) => exits.push(exit));
  return { code, stdout, stderr, exits };
}
