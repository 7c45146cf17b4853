import { readFile, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import type { CommandContext, InterruptSignal } from './context.ts';
import { Interrupted } from './errors.ts';
import { StreamOutput } from './stream-output.ts';

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The real thing: this process, its terminal, and the system behind the client. Heavy parts load when first used. */
export function createProcessContext(): CommandContext {
  const interactive = process.stdin.isTTY && process.stderr.isTTY;
  return {
    connect: async (options) => {
      const { connectClient } = await import('../client/client.ts');
      return connectClient(options);
    },
    runDev: async (options) => {
      const [{ obtainNativeTools }, { runDev }] = await Promise.all([
        import('../native-tools.ts'),
        import('../dev/dev.ts'),
      ]);
      await obtainNativeTools();
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

function onInterrupt(listener: (signal: InterruptSignal) => void): Disposable {
  for (const signal of INTERRUPTS) process.on(signal, listener);
  return {
    [Symbol.dispose]() {
      for (const signal of INTERRUPTS) process.off(signal, listener);
    },
  };
}

/** Readline keeps Ctrl-C to itself, and never answers once its input has ended (Ctrl-D). */
async function confirm(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await new Promise<string | undefined>((resolve, reject) => {
      reader.once('SIGINT', () => reject(new Interrupted('SIGINT')));
      reader.once('close', () => resolve(undefined));
      reader.question(question, resolve);
    }).catch((error: unknown) => {
      process.stderr.write('\n');
      throw error;
    });
    // Only Enter moves on to the next line.
    if (answer === undefined) process.stderr.write('\n');
    return /^y(es)?$/i.test(answer?.trim() ?? '');
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
