import * as pulumi from '@pulumi/pulumi';
import type { FoundResource } from '../../../blueprints/aws/kind.ts';
import { LOOKUPS, type Lookups } from '../../../blueprints/aws/revision-stack.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { StackInput } from '../../../src/stacks/driver.ts';

/** A resource as a program asked for it. */
export interface MadeResource {
  type: string;
  name: string;
  inputs: JsonObject;
  /** URN of its provider; empty where it has none of the program's. */
  provider: string;
  isProtected: boolean;
  ignored: string[];
  importId: string;
}

export const ENVIRONMENT = {
  vpc: 'vpc-0a1b2c3d',
  subnets: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'],
  securityGroups: ['sg-0a1b2c3d'],
  listener: 'arn:aws:elasticloadbalancing:eu-central-1:1:listener/app/a/b/c',
  host: 'balancer.example',
  port: 80,
  publicIp: true,
  cluster: 'arn:aws:ecs:eu-central-1:1:cluster/c',
  executionRole: 'arn:aws:iam::1:role/execution',
  taskRole: 'arn:aws:iam::1:role/task',
  instanceProfile: 'profile',
  logGroup: '/supplant/logs',
};

export function inputOf(
  artifact: string,
  { service = 'web', environment = 'production', revision = 17 } = {},
): StackInput {
  return {
    service: { name: service, environment },
    revision,
    artifact,
    blueprint: { name: 'aws', digest: '', config: {} },
  };
}

/** Lookups that find nothing, or what is given. */
export function lookupsOf(found: readonly (FoundResource & { type: string })[] = []): Lookups {
  return { ...LOOKUPS, findResources: async () => [...found], choosePriority: async () => 7 };
}

/** Runs a program by Pulumi's own mocks, in this process, and says what it asked for. Nothing is made. */
export async function runProgram<Outputs extends object>(
  program: () => Promise<Outputs>,
): Promise<{ made: MadeResource[]; outputs: JsonObject }> {
  const made: MadeResource[] = [];
  const options = new Map<string, pulumi.ResourceOptions>();
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs, provider = '', id = '' }) {
        const given = inputs as JsonObject;
        const { protect = false, ignoreChanges = [] } = options.get(`${type} ${name}`) ?? {};
        made.push({ type, name, inputs: given, provider, importId: id, isProtected: protect, ignored: ignoreChanges });
        if (type === 'pulumi:pulumi:StackReference') {
          return { id: name, state: { ...given, outputs: { environment: ENVIRONMENT } } };
        }
        const outputs = { arn: `arn:aws:test:::${name}`, latestVersion: 1, dnsName: 'balancer.example' };
        return { id: `${name}-id`, state: { ...given, ...outputs } };
      },
      call: () => ({ names: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'] }),
    },
    'production',
    'stack',
  );
  const outputs = await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
      options.set(`${type} ${name}`, opts);
      return undefined;
    });
    return program();
  });
  const settled = await new Promise<JsonObject>((resolve) => {
    pulumi.output(outputs).apply((value) => resolve(value as JsonObject));
  });
  // Some are asked for after all that the outputs depend on.
  await pulumi.runtime.disconnect();
  return { made, outputs: settled };
}
