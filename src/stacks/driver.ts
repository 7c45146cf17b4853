import type { DriftFinding } from '../domain/drift/finding.ts';
import type { BlueprintVersion } from '../domain/hosts/host.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Endpoint, ExactBlueprint } from '../domain/service/revision.ts';
import type { BlueprintRef, ServiceKey } from '../domain/service/service.ts';

/** Everything an engine operation needs to know about one revision's stack. The same input gives the same stack. */
export interface StackInput {
  service: ServiceKey;
  revision: number;
  artifact: string;
  blueprint: ExactBlueprint;
}

/** How far an engine operation is; the activity reports it as its heartbeat. */
export interface StackProgress {
  operation: 'preview' | 'up' | 'refresh' | 'destroy';
  /** Resources finished so far, and begun but not finished. */
  done: number;
  inProgress: string[];
  /** The engine's last message worth showing, at most 200 characters. */
  message?: string;
}

export interface OperationContext {
  /** Aborting stops the engine cleanly first (one SIGINT) and by force when it does not come to an end. */
  signal: AbortSignal;
  onProgress(progress: StackProgress): void;
  /** Told of what is about to be made, where the blueprint asks for a look at it first. It begins once this is done. */
  onPlan?: (plan: PlanSummary) => Promise<void>;
}

/** What destroying a stack takes. */
export interface DestroyContext extends OperationContext {
  /** Asked once nobody else can work on the stack: throws where it has an owner after all, and nothing is done then. */
  confirm?: () => Promise<void>;
}

/** What destroying a stack takes of which only the name is known. */
export interface ReapContext extends DestroyContext {
  /** What it is made from, where who asks knows that. */
  madeFrom?: StackInput;
}

/** What a finished stack offers. */
export interface StackOutputs {
  /** Where traffic can be sent; at least one. */
  endpoints: Endpoint[];
  /** Further non-secret outputs, for people. */
  notes: JsonObject;
}

export interface StackPlan {
  /** Resource operations the engine would carry out, by kind: `{create: 2}`. */
  changes: Record<string, number>;
  /** One line per resource, for people. */
  lines: string[];
  /** Every resource but the stack itself, those that stay as they are included. */
  steps: PlanStep[];
  /** Of a refresh: what is not as it was made. */
  drift?: DriftFinding[];
}

/** A resource, and what the engine does with it. */
export interface PlanStep {
  /** In the engine's words: `create`, `import`, `same`, `update`, `replace`, `delete`, `delete-replaced`, … */
  op: string;
  urn: string;
  type: string;
  /** Whether its own program has it protected. */
  isProtected: boolean;
}

/** A plan, as it is put on record. */
export interface PlanSummary {
  /** SHA-256 over the set of operations and URNs, in hex. */
  digest: string;
  /** How many resources the stack has afterwards. */
  resources: number;
  /** How many operations of each kind there are, by the resources' type. */
  types: Record<string, Record<string, number>>;
  cost?: CostHint;
}

/** What a stack costs by list prices: a hint, and none of a bill's precision. */
export interface CostHint {
  perMonth: number;
  /** `USD` */
  currency: string;
  /** The day that the prices are of: `2026-11-01`. */
  pricesOf: string;
  /** What the figure takes for granted, and leaves out: `2 × t4g.small all day; without traffic`. */
  assumes: string;
}

/** A stack that exists in the state store, or whose resources the provider still knows. */
export interface StackSummary {
  project: string;
  stack: string;
  resources: number;
  /** How what runs in it is, where it was asked for by name and its blueprint knows. */
  processes?: ProcessFacts[];
}

/** A process of a stack, as it is now and as whoever starts it again has seen it. */
export interface ProcessFacts {
  /** The resource's name: `p1`. */
  name: string;
  /** Where it must listen: `127.0.0.1:20123`. */
  address: string;
  isAlive: boolean;
  /** Whether it, or what it has started, takes connections there. */
  listens: boolean;
  /** How often it was started again. */
  restarts: number;
  /** Its latest end that was seen: when (ISO 8601), and how, in words fit to show, with its last lines where it had any. */
  lastEnd?: { at: string; how: string };
  /** Why it is not started again any more. */
  givenUp?: string;
  /** The newest file of what it prints. */
  log: string;
}

/** For whom an artifact is looked into. */
export interface LookRequest {
  /** Aborted when whoever asks has to be answered: what is not finished then goes on for a while ({@link UnfinishedError}). */
  signal: AbortSignal;
  /** The same for all repeats of a request, which find what an earlier one has begun. */
  request?: string;
}

/** It takes longer than a request may, and goes on: the next that names the same request joins it. `message` says how far it is. */
export class UnfinishedError extends Error {
  override readonly name = 'UnfinishedError';
}

/** What this installation's blueprint of a name is, and everything wrong with what it would be given. */
export interface BlueprintDescription {
  /** SHA-256 of the blueprint's source, recorded with each revision made from it. */
  digest: string;
  /** Where a stack is made by it, of what was asked for and what the blueprint offers; absent of the default pool. */
  pool?: string;
  /** The artifact so that it means the same for ever; absent where its text as written does. */
  artifact?: string;
  /** `path` is relative to the service: `artifact`, `blueprint.name`, `blueprint.config.args[1]`. */
  faults: { path: string; message: string }[];
}

/**
 * Runs revisions' stacks through the Pulumi engine. Operations on different stacks may run at once; two on the same stack
 * exclude each other ({@link StackBusyError}). Every operation may be repeated after any kind of interruption.
 */
export interface StackDriver {
  /**
   * Checks an artifact and config against a blueprint without touching a stack. An unknown blueprint is a fault too.
   *
   * @throws UnfinishedError when the request has to be answered before it is done
   */
  describe(blueprint: BlueprintRef, artifact: string, look?: LookRequest): Promise<BlueprintDescription>;
  /** What `provision` would do. Changes nothing. */
  preview(input: StackInput, context: OperationContext): Promise<StackPlan>;
  /** Creates the stack, or completes what an interrupted run began, and returns its outputs. */
  provision(input: StackInput, context: OperationContext): Promise<StackOutputs>;
  /**
   * Reads the stack's resources anew and says which are not as they were made any more. Changes nothing, and gives way to
   * every other operation on the stack ({@link StackBusyError}). What starts again by itself is no drift.
   *
   * @throws StackError where it cannot be known, the stack's state is gone among it
   */
  detectDrift(input: StackInput, context: OperationContext): Promise<DriftFinding[]>;
  /** Destroys the stack and forgets it, once the provider agrees that nothing of it is left. Idempotent. */
  destroy(input: StackInput, context: DestroyContext): Promise<void>;
  /**
   * Destroys a stack that is known by its name alone, and forgets it, once no blueprint finds anything of it. What it is made
   * from is what is given, what was noted when it was made, or what can be told from what is there. Idempotent.
   * @throws BlueprintError where no blueprint here can have made it
   */
  reap(id: Pick<StackSummary, 'project' | 'stack'>, context: ReapContext): Promise<void>;
  /** Every stack that exists, with or without resources; or the one of that name, with its processes. */
  list(only?: Pick<StackSummary, 'project' | 'stack'>): Promise<StackSummary[]>;
  /**
   * The same, page by page and each stack once: what the workers of this machine know of, what every worker reaches and
   * one is asked for all, or both unless told.
   */
  pages(reach?: 'machine' | 'shared'): AsyncIterable<StackSummary[]>;
  close(): Promise<void>;
}

/** The base of what an engine operation can fail with: `message` is fit to show, `details` go to the log. */
export abstract class StackError extends Error {
  readonly details: string;
  /** Whether repeating the very same operation can help. */
  abstract readonly retryable: boolean;
  constructor(message: string, details = '') {
    super(message);
    this.details = details;
  }
}

/** The blueprint refused its config, or its program threw: the same input will fail again. */
export class BlueprintError extends StackError {
  override readonly name = 'BlueprintError';
  override readonly retryable = false;
}
/**
 * The blueprint is not installed here as the stack was to be made by it. Another worker may have it.
 */
export class MissingBlueprintError extends StackError {
  override readonly name = 'MissingBlueprintError';
  override readonly retryable = true;
  readonly wanted: BlueprintVersion;
  constructor(message: string, { name, digest }: BlueprintVersion) {
    super(message);
    this.wanted = { name, digest };
  }
}
/** A resource could not be created, changed or deleted. */
export class ResourceError extends StackError {
  override readonly name = 'ResourceError';
  override readonly retryable = true;
}
/** A provider's plugin is not installed on this machine: nothing changes that but somebody who installs it. */
export class PluginError extends StackError {
  override readonly name = 'PluginError';
  override readonly retryable = false;
}
/** Another operation, known to be alive, holds the stack. */
export class StackBusyError extends StackError {
  override readonly name = 'StackBusyError';
  override readonly retryable = true;
}
/** The stack is bound to another host, where it runs: only a worker of that host can know what is left of it. */
export class OtherHostError extends StackError {
  override readonly name = 'OtherHostError';
  override readonly retryable = false;
  /** Its id; see `host-id.ts`. */
  readonly host: string;
  constructor(stack: string, host: string) {
    super(`${stack} runs on host ${host}, and can be worked on only there`);
    this.host = host;
  }
}
/** The engine died, hung or could not be started. */
export class EngineError extends StackError {
  override readonly name = 'EngineError';
  override readonly retryable = true;
}
/** The operation was aborted by its caller and came to a clean end. */
export class OperationAborted extends StackError {
  override readonly name = 'OperationAborted';
  override readonly retryable = true;
}
