import type { JsonObject } from '../domain/json.ts';
import type { Endpoint } from '../domain/revision.ts';
import type { BlueprintRef, ServiceKey } from '../domain/service.ts';

/** Everything an engine operation needs to know about one revision's stack. The same input gives the same stack. */
export interface StackInput {
  service: ServiceKey;
  revision: number;
  artifact: string;
  blueprint: { name: string; digest: string; config: JsonObject };
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
}

/** A stack that exists in the state store, or whose resources the provider still knows. */
export interface StackSummary {
  project: string;
  stack: string;
  resources: number;
}

/** What this installation's blueprint of a name is, and everything wrong with what it would be given. */
export interface BlueprintDescription {
  /** SHA-256 of the blueprint's source, recorded with each revision made from it. */
  digest: string;
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
  /** Checks an artifact and config against a blueprint without touching a stack. An unknown blueprint is a fault too. */
  describe(blueprint: BlueprintRef, artifact: string): Promise<BlueprintDescription>;
  /** What `provision` would do. Changes nothing. */
  preview(input: StackInput, context: OperationContext): Promise<StackPlan>;
  /** Creates the stack, or completes what an interrupted run began, and returns its outputs. */
  provision(input: StackInput, context: OperationContext): Promise<StackOutputs>;
  /** Re-reads the stack's resources and reports what no longer is as it was made. */
  refresh(input: StackInput, context: OperationContext): Promise<StackPlan>;
  /** Destroys the stack and forgets it, once the provider agrees that nothing of it is left. Idempotent. */
  destroy(input: StackInput, context: OperationContext): Promise<void>;
  /** Every stack that exists, with or without resources. */
  list(): Promise<StackSummary[]>;
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
/** A resource could not be created, changed or deleted. */
export class ResourceError extends StackError {
  override readonly name = 'ResourceError';
  override readonly retryable = true;
}
/** Another operation, known to be alive, holds the stack. */
export class StackBusyError extends StackError {
  override readonly name = 'StackBusyError';
  override readonly retryable = true;
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
