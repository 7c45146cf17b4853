import type { SupplantClient } from '../contract/supplant-client.ts';
import type { DevOptions } from '../dev/dev.ts';
import type { GatewayOptions } from '../gateway.ts';
import type { BackupContent } from '../store/backup/commands.ts';

/** A stream to write to, and what its other end can show. */
export interface Output {
  write(text: string): void;
  isTTY: boolean;
  columns: number;
  rows: number;
  /** Replaces what it showed last; only used on a TTY. */
  redraw(lines: readonly string[]): void;
  /** Leaves what is drawn and goes on below it. */
  keep(): void;
  /** Aborts when the one who read it went away. What is written after that is dropped. */
  readonly gone: AbortSignal;
  /** Resolves once what was written has been taken. Returns why it could not be, other than that the reader is gone. */
  flush(): Promise<Error | undefined>;
}

/** A signal that asks a command to end. */
export type InterruptSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Everything a command touches beyond its arguments, so that a test can run the whole of it. */
export interface CommandContext {
  connect(options: { dataDir: string; context?: string }): Promise<SupplantClient>;
  runDev(options: DevOptions): Promise<number>;
  runGateway(options: GatewayOptions): Promise<void>;
  /** Of the store at a path or URL, to or from a file. */
  backUp(store: string, file: string): Promise<BackupContent>;
  restore(store: string, file: string): Promise<BackupContent>;
  /** Data. */
  stdout: Output;
  /** Progress and errors. */
  stderr: Output;
  readFile(path: string): Promise<string>;
  /** Fails when the file exists. */
  writeNewFile(path: string, text: string): Promise<void>;
  readStdin(): Promise<string>;
  /**
   * Asks a yes-or-no question; only where a person can answer.
   * @throws Interrupted
   */
  confirm?: (question: string) => Promise<boolean>;
  env: Readonly<Record<string, string | undefined>>;
  workingDirectory: string;
  /** `ada@laptop`. */
  person: string;
  now(): Date;
  /** Calls back when asked to end, until disposed of; without anyone listening such signals end the process. */
  onInterrupt(listener: (signal: InterruptSignal) => void): Disposable;
  /** Pause between two looks at a rollout, in milliseconds. */
  pollMs: number;
}
