import type * as pulumi from '@pulumi/pulumi';
import type { JsonObject } from '../domain/json.ts';
import type { Endpoint } from '../domain/revision.ts';
import type { BlueprintDescription, StackInput } from './driver.ts';

export { sourceDigest } from './source-digest.ts';

/** One thing wrong with an artifact or config; `path` is relative to the service: `blueprint.config.args[1]`. */
export type Fault = BlueprintDescription['faults'][number];

/** Names a stack: the Pulumi project is the environment, the stack the revision's {@link stackName}. */
export interface StackId {
  project: string;
  stack: string;
}

/** What a blueprint's program returns: where traffic can be sent, and what people may want to know. */
export interface BlueprintOutputs {
  endpoints: pulumi.Input<pulumi.Input<Endpoint>[]>;
  /** Shown to people: no secrets. */
  notes?: pulumi.Input<JsonObject>;
}

/** A Pulumi program. It must not leave a promise unawaited: its rejection would come too late to fail the run. */
export type BlueprintProgram = () => Promise<BlueprintOutputs>;

/** What a provider finds of a stack by its deterministic names, whatever the state store says. */
export interface FoundStack extends StackId {
  /** One line for each folder, record, process, …, for people. */
  traces: string[];
}

/** Where to tell what has no caller to be told to. */
export type Log = (level: 'info' | 'warn' | 'error', message: string, fields?: JsonObject) => void;

/**
 * Turns one revision into one stack. Resources have names that follow from the {@link StackInput} alone, and creating
 * one that is already there adopts it: this is what lets an interrupted run be completed or undone without a leak.
 */
export interface Blueprint {
  readonly name: string;
  /** SHA-256 over the sources that decide what it builds; see {@link sourceDigest}. */
  readonly digest: string;
  /** Everything wrong with what it is given; empty when it can be provisioned. */
  check(artifact: string, config: JsonObject): Promise<Fault[]>;
  /**
   * The artifact so that it means the same for ever, where its text as written does not: a folder with the digest of
   * what it holds now. Only asked for what `check` accepts.
   */
  exact?(artifact: string): Promise<string>;
  /**
   * Gets ready to be run by engines. Asked of a runner's instance, and at most once; the worker's is never asked, so
   * what imports Pulumi's SDK is best imported here.
   */
  serve(host: EngineHost): Promise<ServedBlueprint>;
  /** What exists: of one stack, or of all. */
  inventory(stack?: StackId): Promise<FoundStack[]>;
  /** Removes whatever `inventory` finds of the stack. Called after the engine's destroy, for what the state has missed. */
  sweep(stack: StackId): Promise<void>;
  close(): Promise<void>;
}

/** What an engine needs of a blueprint; it lasts as long as the runner that serves it. */
export interface ServedBlueprint {
  /** Ports on 127.0.0.1 of the blueprint's own providers, by Pulumi package. Those of others come from their plugins. */
  readonly providers: Readonly<Record<string, number>>;
  /** @throws when the artifact or config is one that `check` refuses */
  program(input: StackInput): BlueprintProgram;
}

/** What a blueprint may ask of the runner that serves it. */
export interface EngineHost {
  /** Aborted when the operation that now runs on the stack is to end; undefined when none runs. */
  signalOf: (stack: StackId) => AbortSignal | undefined;
}

/** What a blueprint may ask of the process it is loaded into: a worker, or a runner. */
export interface BlueprintHost {
  /** Absolute folder for what must outlive the worker; a blueprint keeps its own in a subfolder of its name. */
  dataDir: string;
  /** Whether to look after what has been made, until the blueprint is closed: a runner does not, nor does a second worker. */
  supervise: boolean;
  log: Log;
}

/** What a blueprint's module exports as `createBlueprint`. */
export type BlueprintFactory = (host: BlueprintHost) => Promise<Blueprint>;
