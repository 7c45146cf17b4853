import * as pulumi from '@pulumi/pulumi';
import { Group } from '@pulumi/aws/autoscaling/group.js';
import { LaunchTemplate } from '@pulumi/aws/ec2/launchTemplate.js';
import type { BlueprintOutputs, RecordedResource } from '../../src/stacks/blueprint.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { autoScalingGroups } from '../aws/kinds/auto-scaling-group.ts';
import { launchTemplates } from '../aws/kinds/launch-template.ts';
import { type Lookups, openRevisionStack } from '../aws/revision-stack.ts';
import { buildEndpoint, createTargetGroup, createTestRule } from '../aws/target-group.ts';
import type { AwsAsgConfig } from './config.ts';
import { kinds } from './kinds.ts';

/** One launch template, and one Auto Scaling group whose instances are the targets of one group. */
export async function createStack(
  input: StackInput,
  config: AwsAsgConfig,
  recorded: readonly RecordedResource[],
  lookups?: Lookups,
): Promise<BlueprintOutputs> {
  const stack = await openRevisionStack(input, config, kinds, recorded, lookups);
  const { name, tags, environment, own } = stack;
  const { port, instances, mostInstances = instances } = config;
  const targets = createTargetGroup(stack, config, {
    port,
    protocol: 'HTTP',
    targetType: 'instance',
    vpcId: environment.vpc,
  });
  const test = createTestRule(stack, targets);
  const template = new LaunchTemplate(
    'template',
    {
      name,
      imageId: input.artifact,
      instanceType: config.instanceType,
      vpcSecurityGroupIds: environment.securityGroups,
      iamInstanceProfile: environment.apply(({ instanceProfile }) =>
        instanceProfile === undefined ? {} : { name: instanceProfile },
      ),
      // Credentials of the instance are only for those who can set a header.
      metadataOptions: { httpTokens: 'required', httpEndpoint: 'enabled' },
      tagSpecifications: ['instance', 'volume'].map((resourceType) => ({
        resourceType,
        tags: { ...tags, Name: name },
      })),
      ...(config.userData === undefined ? {} : { userData: Buffer.from(config.userData).toString('base64') }),
    },
    own('template', launchTemplates),
  );
  const group = new Group(
    'group',
    {
      name,
      launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
      minSize: instances,
      desiredCapacity: instances,
      maxSize: Math.max(instances, mostInstances),
      vpcZoneIdentifiers: environment.subnets,
      targetGroupArns: [targets.arn],
      healthCheckType: 'ELB',
      healthCheckGracePeriod: 300,
      // Whether it works is for the checks to say, which can be stopped; a provider's wait holds the stack.
      waitForCapacityTimeout: '0',
      // What is to go has no traffic any more.
      forceDelete: true,
      tags: Object.entries({ ...tags, Name: name }).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
    },
    { ...own('group', autoScalingGroups), dependsOn: [test] },
  );
  return {
    endpoints: [buildEndpoint(stack, targets)],
    notes: pulumi.output({ name, autoScalingGroup: group.arn, targetGroup: targets.arn, image: input.artifact }),
  };
}
