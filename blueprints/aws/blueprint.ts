import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { JsonObject } from '../../src/domain/json.ts';
import type {
  Blueprint,
  BlueprintOutputs,
  CostHint,
  PlanGuard,
  RecordedResource,
  StackId,
} from '../../src/stacks/blueprint.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { computeSourceDigest } from '../../src/stacks/source-digest.ts';
import type { AwsPlace } from './clients.ts';
import type { CloudKind } from './kind.ts';
import type { PlanSettings } from './settings.ts';

/** What `@pulumi/aws` is served by. Its version is the package's. */
const PLUGIN = { name: 'aws', version: '7.48.0' };

/** Makes a stack of a config that has passed the schema. */
export type CreateStack<Config> = (
  input: StackInput,
  config: Config,
  recorded: readonly RecordedResource[],
) => Promise<BlueprintOutputs>;

export interface AwsBlueprintParts<Config> {
  name: string;
  /** Where its sources are. */
  folder: string;
  /** What its stacks are made of, in the order in which it can be removed. */
  kinds: () => Promise<readonly CloudKind[]>;
  config: () => Promise<z.ZodType<Config>>;
  /** What is wrong with an artifact, where something is. */
  artifactFault: (artifact: string) => string | undefined;
  /** How many resources of AWS a stack has; any number unless told. More in a plan are a surprise, and refused. */
  resources?: number;
  /** What a stack costs, where that is known. */
  estimateCost?: (config: Config) => CostHint | undefined;
  /** Its program, loaded when an engine wants it: Pulumi's SDK and AWS's take their time. */
  program: () => Promise<CreateStack<Config>>;
}

/** A blueprint on AWS: all of it that is the same, whatever its stacks are made of. */
export async function createAwsBlueprint<Config>(parts: AwsBlueprintParts<Config>): Promise<Blueprint> {
  const { name, config, artifactFault } = parts;
  const program = (input: StackInput, given: JsonObject, recorded: readonly RecordedResource[]) => async () =>
    // The driver has read it by the schema.
    (await parts.program())(input, given as Config, recorded);
  return {
    name,
    digest: await computeDigest(parts.folder),
    config,
    async check(artifact) {
      const message = artifactFault(artifact);
      return message === undefined ? [] : [{ path: 'artifact', message }];
    },
    guard: (given) => createGuard(parts, given as Config & PlanSettings),
    isLostAnswer: (message) => EXISTING.test(message),
    isHeldBack: (message) => IN_USE.test(message),
    async serve() {
      const port = attachedPort();
      return { providers: port === undefined ? {} : { aws: port }, program };
    },
    plugins: attachedPort() === undefined ? [PLUGIN] : [],
    reach: 'shared',
    async *inventory(stack, given) {
      const where = placeOf(given);
      // A worker that is told of no region has made nothing anywhere.
      if (!where) return;
      const { findResources, listStacks } = await import('./inventory.ts');
      const kinds = await parts.kinds();
      if (!stack) {
        yield* listStacks(kinds, where);
        return;
      }
      const found = await findResources(stack, kinds, where);
      if (found.length > 0) yield [{ ...stack, traces: found.map(({ label }) => label) }];
    },
    async sweep(stack: StackId, given) {
      const where = placeOf(given);
      if (!where) return;
      const { removeResources } = await import('./inventory.ts');
      await removeResources(stack, await parts.kinds(), where);
    },
    close: async () => undefined,
  };
}

/**
 * How AWS says that something is there already: `DuplicateTargetGroupName`, `PriorityInUse`, `AlreadyExists`,
 * `InvalidLaunchTemplateName.AlreadyExistsException`, `ResourceConflictException` of Lambda, `Creation of service was not
 * idempotent` of ECS.
 */
const EXISTING = /already exists?|AlreadyExists|Duplicate\w*Name|PriorityInUse|ResourceConflict|not idempotent/i;

/** How AWS says that a target group has a rule still: `ResourceInUse`, or as the plugin puts it. */
const IN_USE = /ResourceInUse|in use by a listener or a rule/;

/** What a stack has besides its resources of AWS: itself, the provider, and a reference to its environment. */
const OWN_RESOURCES = 3;

/** Each stack is planned before it is made, since it costs money. */
function createGuard<Config>(
  { resources, estimateCost }: AwsBlueprintParts<Config>,
  config: Config & PlanSettings,
): PlanGuard {
  return {
    ...(resources === undefined ? {} : { maxResources: resources + OWN_RESOURCES }),
    policyPacks: config.policies,
    estimateCost: () => estimateCost?.(config),
  };
}

/** What all AWS blueprints share is a part of each. */
async function computeDigest(folder: string): Promise<string> {
  const digests = await Promise.all([folder, import.meta.dirname].map(computeSourceDigest));
  return createHash('sha256').update(digests.join(' ')).digest('hex');
}

function placeOf({ region, role }: JsonObject = {}): AwsPlace | undefined {
  const where = typeof region === 'string' ? region : (process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? '');
  return where === '' ? undefined : { region: where, ...(typeof role === 'string' ? { role } : {}) };
}

/** Instead of the plugin: a provider that is served already, on this port of 127.0.0.1, as for those who work on one. */
function attachedPort(): number | undefined {
  const { SUPPLANT_AWS_PROVIDER_PORT: port = '' } = process.env;
  return /^\d+$/.test(port) ? Number(port) : undefined;
}
