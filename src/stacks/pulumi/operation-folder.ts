import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { claimAt, takeClaim, voidClaim } from '../../host/claims.ts';
import { writeDurably } from '../../host/durable-file.ts';
import type { ProcessIdentity } from '../../host/process-identity.ts';
import type { StackId } from '../blueprint.ts';
import type { StackInput, StackProgress } from '../driver.ts';
import { inputDigest } from './input-digest.ts';
import type { Outcome } from './outcome.ts';

/** What a runner is asked to do. Holds no secret. */
export interface OperationSpec {
  v: 1;
  operation: StackProgress['operation'];
  id: StackId;
  input: StackInput;
}

/** Whether two mean the same, so that the outcome of one is that of the other. */
export function isSame(a: OperationSpec, b: OperationSpec): boolean {
  return a.operation === b.operation && inputDigest(a.input) === inputDigest(b.input);
}

/** There is one runner and one engine to a folder, ever: another attempt gets a folder of its own. */
const ONLY = 1;

/**
 * Where one engine operation is described, carried out and followed: what a worker and a runner know of each other goes
 * through here, so that it does not matter which of them is still there. Made and removed by workers only.
 */
export class OperationFolder {
  readonly path: string;
  /** Written by the engine, one event a line. */
  readonly eventFile: string;
  /** Everything that the engine prints. */
  readonly engineLog: string;
  /** The engine's {@link Claim}. */
  readonly engineRecord: string;
  readonly #runnerRecord: string;
  readonly #specFile: string;
  readonly #outcomeFile: string;
  readonly #stoppingFile: string;

  constructor(path: string) {
    this.path = path;
    this.eventFile = join(path, 'events.jsonl');
    this.engineLog = join(path, 'engine.log');
    this.engineRecord = join(path, 'engine');
    this.#runnerRecord = join(path, 'runner');
    this.#specFile = join(path, 'spec.json');
    this.#outcomeFile = join(path, 'outcome.json');
    this.#stoppingFile = join(path, 'stopping');
  }

  static async create(path: string, spec: OperationSpec): Promise<OperationFolder> {
    const folder = new OperationFolder(path);
    await mkdir(path, { recursive: true, mode: 0o700 });
    // The engine wants to be run in a project's folder, and finds there only what it must know.
    const project = { name: spec.id.project, runtime: 'nodejs', main: path };
    await writeFile(join(path, 'Pulumi.yaml'), JSON.stringify(project));
    await writeFile(folder.#specFile, JSON.stringify(spec), { mode: 0o600 });
    return folder;
  }

  /** Undefined when it was not written, or not wholly. */
  async spec(): Promise<OperationSpec | undefined> {
    const spec = parsed(await textOf(this.#specFile)) as OperationSpec | undefined;
    return (spec?.v as number) === 1 ? spec : undefined;
  }

  /** Undefined until there is one. */
  async outcome(): Promise<Outcome | undefined> {
    return parsed(await textOf(this.#outcomeFile)) as Outcome | undefined;
  }

  /** By the runner, last of all. Survives a power cut from then on. */
  async conclude(outcome: Outcome): Promise<void> {
    await writeDurably(this.#outcomeFile, JSON.stringify(outcome));
  }

  /** By the runner that was asked to stop, as soon as it knows. */
  acknowledgeStop(): void {
    writeFileSync(this.#stoppingFile, '');
  }

  /** Whether the runner is about to come to an outcome, or has. */
  isStopping(): boolean {
    return existsSync(this.#stoppingFile) || existsSync(this.#outcomeFile);
  }

  /** By a runner, first of all. False when it must not begin. */
  async take(): Promise<boolean> {
    return takeClaim(this.#runnerRecord, ONLY);
  }

  /** Undefined when nobody has begun; once it was asked, nobody will. */
  async runner(): Promise<ProcessIdentity | undefined> {
    return holderOrNobody(this.#runnerRecord);
  }

  /** The same of the engine. */
  async engine(): Promise<ProcessIdentity | undefined> {
    return holderOrNobody(this.engineRecord);
  }

  /** Since the engine's last event, or since there was none; by the clock that files go by, in milliseconds. */
  async silentMs(): Promise<number> {
    const { mtimeMs } = await stat(this.eventFile).catch(async () => stat(this.path));
    return Date.now() - mtimeMs;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function holderOrNobody(record: string): Promise<ProcessIdentity | undefined> {
  if (await voidClaim(record, ONLY)) return undefined;
  return (await claimAt(record, ONLY))?.holder;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Undefined for a text that was torn by a power cut. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
