import type * as pulumi from '@pulumi/pulumi';
import { InstanceProfile } from '@pulumi/aws/iam/instanceProfile.js';
import { Role } from '@pulumi/aws/iam/role.js';
import { RolePolicy } from '@pulumi/aws/iam/rolePolicy.js';
import type { EnvironmentContext } from './context.ts';
import { instanceProfiles, ROLES, roles } from './kinds/identity.ts';

type RoleName = (typeof ROLES)[number];

/** Whom each role is for. */
const SERVICES: Record<RoleName, string[]> = {
  instance: ['ec2.amazonaws.com'],
  task: ['ecs-tasks.amazonaws.com', 'lambda.amazonaws.com'],
  execution: ['ecs-tasks.amazonaws.com'],
};

/** What ECS fetches images by. */
const IMAGES = [
  { Effect: 'Allow', Action: ['ecr:GetAuthorizationToken'], Resource: '*' },
  { Effect: 'Allow', Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], Resource: '*' },
];

/**
 * Roles that services have in common, with no more rights than it takes to start and to write logs, and for ECS to read
 * the secrets that are named. What your programs need beyond that, attach to `…-task` and `…-instance`.
 */
export function createRoles({ name, own, config: { secrets } }: EnvironmentContext, logGroup: pulumi.Output<string>) {
  const [instance, task, execution] = ROLES.map((part) => {
    const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: SERVICES[part] } };
    const assumeRolePolicy = writePolicy([trust]);
    return new Role(part, { name: `${name}-${part}`, assumeRolePolicy }, own(part, roles));
  }) as [Role, Role, Role];
  const logs = (arn: string) => ({
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `${arn}:*`,
  });
  const reading =
    secrets.length === 0
      ? []
      : [{ Effect: 'Allow', Action: ['secretsmanager:GetSecretValue', 'ssm:GetParameters'], Resource: secrets }];
  const startTasks = (arn: string) => writePolicy([logs(arn), ...IMAGES, ...reading]);
  const grants = [
    { part: 'task', role: task, policy: logGroup.apply((arn) => writePolicy([logs(arn)])) },
    { part: 'execution', role: execution, policy: logGroup.apply(startTasks) },
  ];
  for (const { part, role, policy } of grants) {
    // Put twice it is there once.
    new RolePolicy(`${part}-policy`, { name: 'supplant', role: role.name, policy }, own(`${part}-policy`));
  }
  const profile = new InstanceProfile('profile', { name, role: instance.name }, own('profile', instanceProfiles));
  return { task, execution, profile };
}

function writePolicy(statements: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}
