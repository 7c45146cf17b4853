import type * as pulumi from '@pulumi/pulumi';
import type { z } from 'zod';
import type { JsonObject } from '../domain/json.ts';
import type { Endpoint } from '../domain/service/revision.ts';
import type { BlueprintDescription, CostHint, LookRequest, PlanSummary, ProcessFacts, StackInput } from './driver.ts';

export { UnfinishedError } from './driver.ts';
export type { CostHint, LookRequest, PlanSummary, ProcessFacts } from './driver.ts';

export { computeSourceDigest } from './source-digest.ts';

/** One thing wrong with an artifact or config; `path` is relative to the service: `blueprint.config.args[1]`. */
export type Fault = BlueprintDescription['faults'][number];

/** What an artifact means for ever, or what was found to be wrong with it when it was looked into. */
export type ExactArtifact = { artifact: string } | { faults: Fault[] };

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

/** A resource that a stack's state knows: one that an earlier run made, or took over. */
export interface RecordedResource {
  /** Its type in Pulumi: `aws:lb/targetGroup:TargetGroup`. */
  type: string;
  name: string;
}

/** What a provider finds of a stack by its deterministic names, whatever the state store says. */
export interface FoundStack extends StackId {
  /** One line for each folder, record, process, …, for people. */
  traces: string[];
}

/** A Pulumi provider's plugin: a program of its own, which engines start. The version is that of the provider's npm package. */
export interface PluginRef {
  /** `aws` */
  name: string;
  /** `7.48.0` */
  version: string;
}

/** Who can see what a blueprint has made: workers of the same machine, or every worker. */
export type BlueprintReach = 'machine' | 'shared';

/** What a plan has to be like for a stack to be made by it. Every fault is told, resource by resource. */
export interface PlanGuard {
  /** How many resources the stack may have: more are a surprise. Any number unless told. */
  maxResources?: number;
  /** Types of resources that hold what cannot be made again: a plan that deletes or replaces one is refused. */
  stateful?: readonly string[];
  /**
   * Folders of CrossGuard policy packs in JavaScript or TypeScript, with what they depend on installed. What is mandatory in
   * them refuses a plan, too.
   */
  policyPacks?: readonly string[];
  /** What the stack costs; left out where nobody knows. */
  estimateCost?: (plan: Pick<PlanSummary, 'resources' | 'types'>) => CostHint | undefined;
}

/** Where to tell what has no caller to be told to. */
export type Log = (level: 'info' | 'warn' | 'error', message: string, fields?: JsonObject) => void;

/**
 * Turns one revision into one stack. Resources have names that follow from the {@link StackInput} alone, and creating
 * one that is already there adopts it: this is what lets an interrupted run be completed or undone without a leak.
 */
export interface Blueprint {
  readonly name: string;
  /** SHA-256 over the sources that decide what it builds; see {@link computeSourceDigest}. */
  readonly digest: string;
  /**
   * The plugins that its stacks need beside what {@link ServedBlueprint.providers} lists: none where this is empty. What
   * is not installed is told before anything is made. Left out where nobody knows.
   */
  readonly plugins?: readonly PluginRef[];
  /** The pool whose workers make its stacks where a service names none: that of the network or account it needs. `default` unless told. */
  readonly pool?: string;
  /** `machine` unless told. Of what is `shared`, one worker is asked for all. */
  readonly reach?: BlueprintReach;
  /**
   * What its `config` is: a schema made with what `supplant/schema` offers, whose values are JSON. A config that does not fit is refused before
   * `check` is asked; what it becomes, complete with defaults, is what the program gets. Editors complete and check it by
   * the same schema (`supplant schema --blueprint FILE`). Runners never ask for it, so what
   * imports `supplant/schema` is best imported here. Without a schema, any mapping will do.
   */
  config?(): z.ZodType | Promise<z.ZodType>;
  /**
   * Everything else wrong with what it is given; empty when it can be provisioned. `config` is as it was written, and may
   * be one that its schema refuses: all faults are told at once. Folders in an artifact (`dir:/srv/app`,
   * `/srv/app`, `cmd:LINE#dir:/srv/app`) are absolute: clients make them so. What it throws is told as trouble of the
   * worker's, not as a fault of the input.
   */
  check(artifact: string, config: JsonObject): Promise<Fault[]>;
  /**
   * The artifact so that it means the same for ever, where its text as written does not: a folder with the digest of
   * what it holds now. Only asked for what `check` accepts.
   *
   * @throws UnfinishedError when `signal` is aborted first. What was begun for the request is to go on for as long as it
   * is repeated, and no longer.
   */
  exact?(artifact: string, look: LookRequest): Promise<ExactArtifact>;
  /**
   * Has the engine preview each stack before it makes it, and says what the plan has to be like. The engine is held to the
   * plan then. Costs a second run of the engine, so it is for what costs money or cannot be undone.
   * @param config as the blueprint's schema makes it
   */
  guard?(config: JsonObject): PlanGuard;
  /**
   * Whether what a provider refused may be there because it was made just now, and the answer was lost: `… already exists`.
   * Then the engine runs once more, for the program to take it over. For providers that do not do that by themselves.
   */
  isLostAnswer?(message: string): boolean;
  /**
   * Whether a provider refused to delete something for what holds on to it, which may be a part of the stack that no state
   * knows: a rule, of its target group. Then the stack is swept, and the engine runs once more. Nothing else may be meant:
   * what is protected is refused in other words.
   */
  isHeldBack?(message: string): boolean;
  /**
   * Gets ready to be run by engines. Asked of a runner's instance, and at most once; the worker's is never asked, so
   * what imports Pulumi's SDK is best imported here.
   */
  serve(host: EngineHost): Promise<ServedBlueprint>;
  /**
   * What exists, page by page: of one stack, or of all. A stack may be in more than one page. Whoever asks may end after
   * any page, and what was not asked for yet is then not looked for.
   * @param config the one stack's, as it was written: where it says where the stack is
   */
  inventory(stack?: StackId, config?: JsonObject): AsyncIterable<FoundStack[]>;
  /** How what runs in a stack is. Left out where the blueprint cannot know; empty for a stack that is not its own. */
  inspect?(stack: StackId): Promise<ProcessFacts[]>;
  /** Removes whatever `inventory` finds of the stack. Called after the engine's destroy, for what the state has missed. */
  sweep(stack: StackId, config?: JsonObject): Promise<void>;
  close(): Promise<void>;
}

/** What an engine needs of a blueprint; it lasts as long as the runner that serves it. */
export interface ServedBlueprint {
  /** Ports on 127.0.0.1 of the blueprint's own providers, by Pulumi package. Those of others come from their plugins. */
  readonly providers: Readonly<Record<string, number>>;
  /**
   * @param config as the blueprint's schema makes it, complete with defaults; as it was written where there is none
   * @param recorded what the stack's state has: of all else an interrupted run may have left something, which providers
   * that adopt nothing have to be told to import
   * @throws when the artifact or config is one that `check` refuses
   */
  program(input: StackInput, config: JsonObject, recorded: readonly RecordedResource[]): BlueprintProgram;
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
  /**
   * What a reference of its config, `{ secret: 'file:/run/secrets/db' }`, stands for, as it is now. For the moment that it
   * is needed in: it belongs into no file, no name, no argument of a command, and into a resource as `pulumi.secret` only.
   * @throws Error fit to show
   */
  readSecret(reference: string, signal?: AbortSignal): Promise<string>;
  log: Log;
}

/** What a blueprint's module exports as `createBlueprint`. */
export type BlueprintFactory = (host: BlueprintHost) => Promise<Blueprint>;
