import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RecordedCall } from '../doubles/aws/front.ts';

const FOLDER = join(import.meta.dirname, '../../docs/aws/policies');

/** Lambda's calls are told apart by their paths. */
const LAMBDA: [pattern: RegExp, action: string][] = [
  [/^POST .*\/functions\/?$/, 'CreateFunction'],
  [/^GET .*\/functions\/?$/, 'ListFunctions'],
  [/^POST .*\/functions\/[^/]+\/policy$/, 'AddPermission'],
  [/^GET .*\/functions\/[^/]+\/policy$/, 'GetPolicy'],
  [/^DELETE .*\/functions\/[^/]+\/policy\/[^/]+$/, 'RemovePermission'],
  [/^GET .*\/functions\/[^/]+$/, 'GetFunction'],
  [/^DELETE .*\/functions\/[^/]+$/, 'DeleteFunction'],
  [/^GET .*\/tags\/.+$/, 'ListTags'],
];

/** What AWS asks for beside the call itself: to tag what is made, to hand a role on, to start instances for a group. */
const BESIDE: Record<string, string[]> = {
  'autoscaling:CreateAutoScalingGroup': [
    'autoscaling:CreateOrUpdateTags',
    'ec2:CreateTags',
    'ec2:RunInstances',
    'iam:PassRole',
  ],
  'ec2:CreateInternetGateway': ['ec2:CreateTags'],
  'ec2:CreateLaunchTemplate': ['ec2:CreateTags'],
  'ecs:CreateCluster': ['ecs:TagResource'],
  'ecs:CreateService': ['ecs:TagResource'],
  'ecs:RegisterTaskDefinition': ['ecs:TagResource', 'iam:PassRole'],
  'elasticloadbalancing:CreateListener': ['elasticloadbalancing:AddTags'],
  'elasticloadbalancing:CreateTargetGroup': ['elasticloadbalancing:AddTags'],
  'iam:AddRoleToInstanceProfile': ['iam:PassRole'],
  'iam:CreateInstanceProfile': ['iam:TagInstanceProfile'],
  'iam:CreateRole': ['iam:TagRole'],
  'lambda:CreateFunction': ['iam:PassRole', 'lambda:TagResource'],
  'logs:CreateLogGroup': ['logs:TagResource'],
};

/** What has to be allowed for these calls. @throws Error for a call that nobody knows the action of */
function listActions(calls: readonly RecordedCall[]): Set<string> {
  const called = new Set(calls.map(toAction));
  return new Set([...called].flatMap((action) => [action, ...(BESIDE[action] ?? [])]));
}

function toAction({ service, action }: RecordedCall): string {
  if (service === 'monitoring') return `cloudwatch:${action.split('/').at(-1)}`;
  if (service !== 'lambda') return `${service}:${action}`;
  const known = LAMBDA.find(([pattern]) => pattern.test(action));
  assert.ok(known, `no action of Lambda is known for ${action}`);
  return `lambda:${known[1]}`;
}

interface Policy {
  Version: string;
  Statement: [{ Effect: string; Action: string[]; Resource: string }];
}

/** Fails for a call that the blueprint's published policy does not allow; with UPDATE_GOLDEN, allows it there. */
export async function assertAllowed(blueprint: string, calls: readonly RecordedCall[]): Promise<void> {
  const path = join(FOLDER, `${blueprint}.json`);
  const published = await readFile(path, 'utf8').then(
    (text) => (JSON.parse(text) as Policy).Statement[0].Action,
    (): string[] => [],
  );
  const missing = [...listActions(calls)].filter((action) => !published.includes(action));
  if (process.env.UPDATE_GOLDEN && missing.length > 0) {
    const all = [...published, ...missing].sort();
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: all, Resource: '*' }] };
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${JSON.stringify(policy, null, 2)}\n`);
    return;
  }
  assert.deepEqual(missing, [], `docs/aws/policies/${blueprint}.json does not allow all that is called`);
}
