import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../../domain/json.ts';
import { claimAt, takeClaim, voidClaim } from '../../../host/claims.ts';
import { writeDurably } from '../../../host/durable-file.ts';
import type { ProcessIdentity } from '../../../host/process-identity.ts';
import type { StackId } from '../../blueprint.ts';
import type { StackInput, StackProgress } from '../../driver.ts';
import { computeInputDigest } from './input-digest.ts';
import type { Outcome } from './outcome.ts';

/** What a runner is asked to do. Holds no secret. */
export interface OperationSpec {
  v: 1;
  operation: StackProgress['operation'];
  id: StackId;
  input: StackInput;
  /** The input's config as the blueprint's schema makes it, where a program is run. */
  config?: JsonObject;
  /** Of a preview: the engine saves its plan. Of an up: it is held to the plan that was saved, whose digest this is. */
  plan?: { saved: true; policyPacks: readonly string[] } | { digest: string };
  /** The claim's rising number, by which the state knows an engine that has lost its claim. */
  token?: number;
  /** Where the claim has a lease: when it was proven last that it counts, by the machine's `readBootClock`. */
  provenAt?: number;
}

/**
 * An engine's plan in its own words, by file name: the steps, and the settings that their secrets are encrypted by.
 */
export type SavedPlan = Record<string, string>;

/** Whether two mean the same, so that the outcome of one is that of the other. */
export function isSame(a: OperationSpec, b: OperationSpec): boolean {
  return a.operation === b.operation && computeInputDigest(a.input) === computeInputDigest(b.input);
}

const PLAN_FILE = 'plan.json';
const STACK_SETTINGS = /^Pulumi\..+\.yaml$/;

/**
 * A provider that nobody has made would take region and credentials from wherever it finds some: programs on AWS have to
 * make their own.
 */
const ENGINE_CONFIG = { 'pulumi:disable-default-providers': { value: ['aws'] } };

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
  /** What the engine plans, in its own words; secrets in it are encrypted. */
  readonly planFile: string;
  readonly #runnerRecord: string;
  readonly #specFile: string;
  readonly #outcomeFile: string;
  readonly #stoppingFile: string;

  constructor(path: string) {
    this.path = path;
    this.eventFile = join(path, 'events.jsonl');
    this.engineLog = join(path, 'engine.log');
    this.engineRecord = join(path, 'engine');
    this.planFile = join(path, PLAN_FILE);
    this.#runnerRecord = join(path, 'runner');
    this.#specFile = join(path, 'spec.json');
    this.#outcomeFile = join(path, 'outcome.json');
    this.#stoppingFile = join(path, 'stopping');
  }

  static async create(path: string, spec: OperationSpec, plan: SavedPlan = {}): Promise<OperationFolder> {
    const folder = new OperationFolder(path);
    await mkdir(path, { recursive: true, mode: 0o700 });
    // The engine wants to be run in a project's folder, and finds there only what it must know.
    const project = { name: spec.id.project, runtime: 'nodejs', main: path, config: ENGINE_CONFIG };
    await writeFile(join(path, 'Pulumi.yaml'), JSON.stringify(project));
    for (const [name, text] of Object.entries(plan)) await writeFile(join(path, name), text, { mode: 0o600 });
    await writeFile(folder.#specFile, JSON.stringify(spec), { mode: 0o600 });
    return folder;
  }

  /** What a preview's engine has saved. */
  async savedPlan(): Promise<SavedPlan> {
    const names = (await readdir(this.path)).filter((name) => name === PLAN_FILE || STACK_SETTINGS.test(name));
    const texts = await Promise.all(names.map(async (name) => [name, await readFile(join(this.path, name), 'utf8')]));
    return Object.fromEntries(texts) as SavedPlan;
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

  /** Whose the operation is from here on: the runner that has begun it, or undefined, and none will begin it any more. */
  async settleRunner(): Promise<ProcessIdentity | undefined> {
    return settleHolder(this.#runnerRecord);
  }

  /** The same of the engine. */
  async settleEngine(): Promise<ProcessIdentity | undefined> {
    return settleHolder(this.engineRecord);
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

async function settleHolder(record: string): Promise<ProcessIdentity | undefined> {
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
