import { readFile, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { isatty } from 'node:tty';
import type { CommandContext, Output } from './context.ts';

/** The real thing: this process, its terminal, and the system behind the client. Heavy parts load when first used. */
export function processContext(): CommandContext {
  const interactive = process.stdin.isTTY && process.stderr.isTTY;
  return {
    connect: async (options) => {
      const { connectClient } = await import('../client/client.ts');
      return connectClient(options);
    },
    runDev: async (options) => {
      const { runDev } = await import('../dev/dev.ts');
      return runDev(options);
    },
    runGateway: async (options) => {
      const { runGateway } = await import('../gateway.ts');
      return runGateway(options);
    },
    backUp: async (store, file) => {
      const { backUpStore } = await import('../store/backup/commands.ts');
      return backUpStore(store, file);
    },
    restore: async (store, file) => {
      const { restoreStore } = await import('../store/backup/commands.ts');
      return restoreStore(store, file);
    },
    stdout: new StreamOutput(process.stdout),
    stderr: new StreamOutput(process.stderr),
    readFile: (path) => readFile(path, 'utf8'),
    writeNewFile: (path, text) => writeFile(path, text, { flag: 'wx' }),
    readStdin: async () => {
      const { text } = await import('node:stream/consumers');
      return text(process.stdin);
    },
    ...(interactive ? { confirm } : {}),
    env: process.env,
    workingDirectory: process.cwd(),
    person: `${userName()}@${hostname()}`,
    now: () => new Date(),
    onInterrupt,
    pollMs: 250,
  };
}

class StreamOutput implements Output {
  readonly #stream: NodeJS.WriteStream & { fd: number };
  #draw: ((text: string) => void) & { done(): void } = Object.assign(() => undefined, { done: () => undefined });
  #loading = false;
  #loaded = false;
  #frame = '';
  #drawing = false;

  constructor(stream: NodeJS.WriteStream & { fd: number }) {
    this.#stream = stream;
  }

  get isTTY(): boolean {
    return isatty(this.#stream.fd);
  }

  get columns(): number {
    return this.#stream.columns || 80;
  }

  get rows(): number {
    return this.#stream.rows || 24;
  }

  write(text: string): void {
    this.keep();
    this.#stream.write(text);
  }

  redraw(lines: readonly string[]): void {
    this.#frame = lines.join('\n');
    this.#drawing = true;
    if (this.#loaded) this.#draw(this.#frame);
    else if (!this.#loading) void this.#load();
  }

  keep(): void {
    if (this.#drawing && this.#loaded) this.#draw.done();
    // A rollback may be over before the means to redraw are loaded.
    else if (this.#drawing) this.#stream.write(`${this.#frame}\n`);
    this.#drawing = false;
  }

  async #load(): Promise<void> {
    this.#loading = true;
    const { createLogUpdate } = await import('log-update');
    this.#draw = createLogUpdate(this.#stream, { showCursor: false });
    this.#loaded = true;
    if (this.#drawing) this.#draw(this.#frame);
  }
}

function onInterrupt(listener: () => void): Disposable {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, listener);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}

async function confirm(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await reader.question(question)).trim());
  } finally {
    reader.close();
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // Containers run under ids that no password file knows.
    return process.env.USER ?? `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
