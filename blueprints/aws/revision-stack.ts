import * as pulumi from '@pulumi/pulumi';
import { Provider } from '@pulumi/aws/provider.js';
import type { RecordedResource, StackId } from '../../src/stacks/blueprint.ts';
import { formatStackName } from '../../src/domain/service/revision.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { findResources } from './inventory.ts';
import type { AwsPlace } from './clients.ts';
import type { CloudKind } from './kind.ts';
import { choosePriority } from './kinds/listener-rule.ts';
import { buildTags, formatAwsName } from './names.ts';
import type { EnvironmentFacts, RevisionConfig } from './settings.ts';

/** What a revision's program makes its resources with. */
export interface RevisionStack {
  /** The name of everything in it. */
  name: string;
  tags: Record<string, string>;
  /** What it uses of its environment. It is another stack's, and never changed from here. */
  environment: pulumi.Output<EnvironmentFacts>;
  /**
   * The options of a resource of its own. What an interrupted run made without the state's knowing is imported: the
   * plugin adopts nothing, and a second one of the same name would be refused.
   * @param kind how it is found; left out for what AWS takes twice
   */
  own: (name: string, kind?: CloudKind) => pulumi.CustomResourceOptions;
  /** The place of a rule among the listener's. */
  choosePriority: (listener: string, name: string) => Promise<number>;
}

/** How a program asks AWS what there is. */
export interface Lookups {
  findResources: typeof findResources;
  choosePriority: typeof choosePriority;
}

export const LOOKUPS: Lookups = { findResources, choosePriority };

/** @param recorded what the state has already, which must not be imported again */
export async function openRevisionStack(
  input: StackInput,
  config: RevisionConfig,
  kinds: readonly CloudKind[],
  recorded: readonly RecordedResource[],
  lookups = LOOKUPS,
): Promise<RevisionStack> {
  const id: StackId = { project: input.service.environment, stack: formatStackName(input.service, input.revision) };
  return {
    name: formatAwsName(id),
    tags: buildTags(id),
    environment: readEnvironment(id, config),
    own: await openOwnership(id, config, { kinds, recorded, lookups }),
    choosePriority: async (listener, name) => lookups.choosePriority(listener, name, config),
  };
}

interface Ownership {
  kinds: readonly CloudKind[];
  recorded: readonly RecordedResource[];
  lookups: Pick<Lookups, 'findResources'>;
}

/** The options of whatever the stack makes itself. */
export async function openOwnership(
  id: StackId,
  { region, role }: AwsPlace,
  { kinds, recorded, lookups }: Ownership,
): Promise<RevisionStack['own']> {
  const wanted = kinds.filter((kind) => kind.several === true || recorded.every(({ type }) => type !== kind.type));
  const found = await lookups.findResources(id, wanted, { region, role });
  // Default providers are off: what is made without this one is refused.
  const provider = new Provider('aws', {
    region,
    ...(role === undefined ? {} : { assumeRoles: [{ roleArn: role, sessionName: id.stack, duration: '15m' }] }),
    defaultTags: { tags: buildTags(id) },
  });
  return (name, kind) => {
    const isRecorded = recorded.some((each) => each.type === kind?.type && each.name === name);
    const there = found.find((each) => each.type === kind?.type && (each.name ?? name) === name);
    return { provider, ...(there && !isRecorded ? { import: there.importId } : {}) };
  };
}

/** The environment's stack is read by its outputs only. */
function readEnvironment({ project }: StackId, { environment }: RevisionConfig): pulumi.Output<EnvironmentFacts> {
  if (environment) return pulumi.output(environment);
  const stack = new pulumi.StackReference(`organization/${project}/${formatEnvironmentStackName(project)}`);
  return stack.requireOutput('environment') as pulumi.Output<EnvironmentFacts>;
}

/** The stack of an environment, beside those of its revisions. Those begin with 1. */
export function formatEnvironmentStackName(environment: string): string {
  return formatStackName({ name: 'environment', environment }, 0);
}
