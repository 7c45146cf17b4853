import fc from 'fast-check';
import { AWS_SERVICES, type AwsService } from '../../e2e/aws-installation.ts';

/** What breaks: a process of ours, or an answer of AWS. */
export const AWS_FAULT_KINDS = [
  'worker-killed',
  'worker-restarted',
  'gateway-killed',
  'temporal-killed',
  'engine-killed',
  'provider-killed',
  'call-throttled',
  'answer-lost',
] as const;
export type AwsFaultKind = (typeof AWS_FAULT_KINDS)[number];

/** What is called of AWS while a revision is made, given traffic and taken away. */
const ACTIONS = [
  ...['CreateTargetGroup', 'CreateRule', 'ModifyRule', 'AddTags', 'DescribeTargetHealth', 'DeleteTargetGroup'],
  ...['CreateAutoScalingGroup', 'CreateLaunchTemplate', 'RegisterTaskDefinition', 'CreateService'],
] as const;

export interface PlannedAwsFault {
  kind: AwsFaultKind;
  /** After the request was sent, in milliseconds. */
  delayMs: number;
  /** Which of several processes: an index, counted round. */
  pick: number;
  action: string;
}

/** What people do with a service that runs. */
export type AwsWish = 'deploy good' | 'deploy broken' | 'rollback';

/** Everything that is random about a run. The same seed makes the same plan. */
export interface AwsPlan {
  seed: number;
  service: AwsService;
  wish: AwsWish;
  faults: PlannedAwsFault[];
}

const fault: fc.Arbitrary<PlannedAwsFault> = fc.record({
  kind: fc.constantFrom(...AWS_FAULT_KINDS),
  // A rollout takes some five seconds, most of which are for its stack.
  delayMs: fc.integer({ min: 0, max: 5_000 }),
  pick: fc.nat(7),
  action: fc.constantFrom(...ACTIONS),
});

const plan = fc.record({
  service: fc.constantFrom(...(Object.keys(AWS_SERVICES) as AwsService[])),
  wish: fc.oneof(
    { weight: 3, arbitrary: fc.constant<AwsWish>('deploy good') },
    { weight: 1, arbitrary: fc.constantFrom<AwsWish>('deploy broken', 'rollback') },
  ),
  faults: fc.array(fault, { minLength: 1, maxLength: 3 }),
});

/** The plan of a seed. */
export function planAwsRun(seed: number): AwsPlan {
  const [drawn] = fc.sample(plan, { seed, numRuns: 1 });
  return { seed, ...drawn! };
}

/** One line, for people. */
export function describeAwsPlan({ seed, service, wish, faults }: AwsPlan): string {
  const breaks = faults.map(({ kind, delayMs, action }) => {
    return `${kind}${kind === 'call-throttled' || kind === 'answer-lost' ? ` (${action})` : ''} at ${delayMs} ms`;
  });
  return `seed ${seed}, ${AWS_SERVICES[service]}: ${wish} | ${breaks.join('; ')}`;
}
