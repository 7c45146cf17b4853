import * as pulumi from '@pulumi/pulumi';
import { Service } from '@pulumi/aws/ecs/service.js';
import { TaskDefinition } from '@pulumi/aws/ecs/taskDefinition.js';
import type { BlueprintOutputs, RecordedResource } from '../../src/stacks/blueprint.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { ecsServices } from '../aws/kinds/ecs-service.ts';
import { taskDefinitions } from '../aws/kinds/task-definition.ts';
import { requireFact } from '../aws/require.ts';
import { type Lookups, openRevisionStack, type RevisionStack } from '../aws/revision-stack.ts';
import { buildEndpoint, createTargetGroup, createTestRule } from '../aws/target-group.ts';
import type { AwsEcsConfig } from './config.ts';
import { kinds } from './kinds.ts';
import { buildTaskSecret } from './task-secrets.ts';

const CONTAINER = 'app';

/** One task definition, and one service whose tasks are the targets of one group. */
export async function createStack(
  input: StackInput,
  config: AwsEcsConfig,
  recorded: readonly RecordedResource[],
  lookups?: Lookups,
): Promise<BlueprintOutputs> {
  const stack = await openRevisionStack(input, config, kinds, recorded, lookups);
  const { name, environment, own } = stack;
  const { port } = config;
  const targets = createTargetGroup(stack, config, {
    port,
    protocol: 'HTTP',
    targetType: 'ip',
    vpcId: environment.vpc,
  });
  // ECS starts no service for a group that no load balancer uses yet.
  const test = createTestRule(stack, targets);
  const task = createTask(input, config, stack);
  const service = new Service(
    'service',
    {
      name,
      cluster: requireFact(environment, 'cluster'),
      taskDefinition: task.arn,
      desiredCount: config.tasks,
      launchType: 'FARGATE',
      healthCheckGracePeriodSeconds: 300,
      loadBalancers: [{ targetGroupArn: targets.arn, containerName: CONTAINER, containerPort: port }],
      networkConfiguration: {
        subnets: environment.subnets,
        securityGroups: environment.securityGroups,
        assignPublicIp: environment.publicIp,
      },
      propagateTags: 'SERVICE',
      // Whether it works is for the checks to say, which can be stopped; a provider's wait holds the stack.
      waitForSteadyState: false,
      forceDelete: true,
    },
    { ...own('service', ecsServices), dependsOn: [test] },
  );
  return {
    endpoints: [buildEndpoint(stack, targets)],
    notes: pulumi.output({
      name,
      service: service.arn,
      targetGroup: targets.arn,
      taskDefinition: task.arn,
      image: input.artifact,
    }),
  };
}

function createTask(
  { artifact }: StackInput,
  config: AwsEcsConfig,
  { name, environment, own }: RevisionStack,
): TaskDefinition {
  const { port, cpu, memory, env, command, architecture, region } = config;
  const given = Object.entries(env);
  const secrets = given.flatMap(([key, value]) => (typeof value === 'string' ? [] : [buildTaskSecret(key, value)]));
  const container = environment.apply(({ logGroup }) => ({
    name: CONTAINER,
    image: artifact,
    essential: true,
    portMappings: [{ containerPort: port, protocol: 'tcp' }],
    environment: given.flatMap(([key, value]) => (typeof value === 'string' ? [{ name: key, value }] : [])),
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(command === undefined ? {} : { command }),
    ...(logGroup === undefined
      ? {}
      : {
          logConfiguration: {
            logDriver: 'awslogs',
            options: { 'awslogs-group': logGroup, 'awslogs-region': region, 'awslogs-stream-prefix': name },
          },
        }),
  }));
  return new TaskDefinition(
    'task',
    {
      family: name,
      containerDefinitions: pulumi.jsonStringify([container]),
      cpu: String(cpu),
      memory: String(memory),
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      runtimePlatform: { cpuArchitecture: architecture, operatingSystemFamily: 'LINUX' },
      executionRoleArn: requireFact(environment, 'executionRole'),
      taskRoleArn: environment.apply(({ taskRole }) => taskRole),
    },
    own('task', taskDefinitions),
  );
}
