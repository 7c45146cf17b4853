import type * as pulumi from '@pulumi/pulumi';
import type { JsonObject } from '../domain/json.ts';
import type { Endpoint } from '../domain/revision.ts';
import type { BlueprintDescription, StackInput } from './driver.ts';

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

/** A Pulumi program. It must not leave a promise unawaited: a stray rejection reaches every engine run of the worker. */
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
  /** Ports on 127.0.0.1 of providers that live in this process, by Pulumi package. */
  readonly providers: Readonly<Record<string, number>>;
  /** Everything wrong with what it is given; empty when it can be provisioned. */
  check(artifact: string, config: JsonObject): Promise<Fault[]>;
  /**
   * The artifact so that it means the same for ever, where its text as written does not: a folder with the digest of
   * what it holds now. Only asked for what `check` accepts.
   */
  exact?(artifact: string): Promise<string>;
  /** @throws when the artifact or config is one that `check` refuses */
  program(input: StackInput): BlueprintProgram;
  /** What exists: of one stack, or of all. */
  inventory(stack?: StackId): Promise<FoundStack[]>;
  /** Removes whatever `inventory` finds of the stack. Called after the engine's destroy, for what the state has missed. */
  sweep(stack: StackId): Promise<void>;
  close(): Promise<void>;
}

/** What a blueprint may ask of the driver that runs it. */
export interface BlueprintHost {
  /** Absolute folder for what must outlive the worker; a blueprint keeps its own in a subfolder of its name. */
  dataDir: string;
  /** Whether to keep alive what has been made, until the blueprint is closed. */
  supervise: boolean;
  log: Log;
  /** Aborted when the operation that now runs on the stack is to end; undefined when none runs. */
  signalOf(stack: StackId): AbortSignal | undefined;
}

export type BlueprintFactory = (host: BlueprintHost) => Promise<Blueprint>;
