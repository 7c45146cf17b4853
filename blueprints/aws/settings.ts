import { z } from 'zod';
import { ALWAYS, duration, entries, list, mapping, text, wholeNumber } from '../../src/config/fields.ts';
import { refuse } from '../../src/config/problems.ts';
import { variable } from '../../src/config/secret-field.ts';

/** Pieces of config that the AWS blueprints have in common. */

const id = (kind: string, example: string) =>
  text(
    `the id of ${kind}, such as ${example}`,
    new RegExp(`^${kind.split(' ').at(-1) === 'VPC' ? 'vpc' : example.split('-')[0]}-[0-9a-f]{8,17}$`),
  );
const arn = (kind: string) => text(`the ARN of ${kind}, such as arn:aws:…`, /^arn:aws[a-z-]*:[a-z0-9-]+:/);

/** Where a stack is made, and as whom. */
export const place = {
  region: text('a region of AWS, such as eu-central-1', /^[a-z]{2}(?:-[a-z]+)+-\d$/).describe(
    'Where the stack is made.',
  ),
  role: arn('a role')
    .optional()
    .describe(
      "A role to assume for everything, in sessions of 15 minutes. The worker's own credentials unless told: AWS's standard chain.",
    ),
  policies: z
    .array(text('the absolute path of a folder', /^\/\S/), { error: 'a list of folders' })
    .prefault([])
    .describe(
      "Folders of CrossGuard policy packs, on each worker's machine. What is mandatory in them refuses a plan before anything is made.",
    ),
};

/** What of a config says how its plan has to be. */
export interface PlanSettings {
  policies: string[];
}

/** What a revision's stack uses of its environment. */
export const environmentSchema = mapping({
  vpc: id('a VPC', 'vpc-0a1b2c3d').describe('The network that everything is in.'),
  subnets: list(id('a subnet', 'subnet-0a1b2c3d'), {
    list: 'a list of subnets',
    empty: 'at least one subnet',
  }).describe('Where instances, tasks and functions run.'),
  securityGroups: list(id('a security group', 'sg-0a1b2c3d'), {
    list: 'a list of security groups',
    empty: 'at least one security group',
  }).describe('What lets the load balancer in.'),
  listener: arn('a listener').describe('The listener of the load balancer on which services have their rules.'),
  host: text('a host name').describe('Where the load balancer is reached: its DNS name, or one of yours.'),
  port: wholeNumber(1, 65_535).prefault(80).describe('The port of the listener.'),
  publicIp: z.boolean().default(false).describe('Whether tasks need an address of their own to reach the internet.'),
  cluster: arn('an ECS cluster').optional().describe('For aws-ecs.'),
  executionRole: arn('a role').optional().describe('By which ECS fetches images and writes logs. For aws-ecs.'),
  taskRole: arn('a role').optional().describe('Which tasks and functions have. For aws-ecs and aws-lambda.'),
  instanceProfile: text('the name of an instance profile').optional().describe('Which instances have. For aws-asg.'),
  logGroup: text('the name of a log group').optional().describe('Where logs go. For aws-ecs and aws-lambda.'),
});

export type EnvironmentFacts = z.output<typeof environmentSchema>;

/** How the load balancer finds out whether a target works. */
export const checked = {
  health: mapping({
    path: text('a path, such as /healthz', /^\/\S*$/)
      .prefault('/')
      .describe('What is asked for.'),
    codes: text('status codes, such as 200-299', /^\d{3}(?:[-,]\d{3})*$/)
      .prefault('200-399')
      .describe('Answers that are well.'),
    interval: duration({ least: 5_000, most: 300_000, words: 'from 5s to 5m' })
      .prefault('10s')
      .describe('From one question to the next.'),
    timeout: duration({ least: 2_000, most: 120_000, words: 'from 2s to 2m' })
      .prefault('5s')
      .describe('Until when a target must answer.'),
    healthy: wholeNumber(2, 10).prefault(2).describe('Good answers in a row that make it healthy.'),
    unhealthy: wholeNumber(2, 10).prefault(2).describe('Bad ones that make it unhealthy.'),
  })
    .superRefine(({ interval, timeout }, context) => {
      if (timeout < interval) return;
      refuse(context, { path: ['timeout'], wanted: 'less than the interval', found: `${timeout / 1000}s` });
    }, ALWAYS)
    .prefault({})
    .describe("The load balancer's questions to each target."),
};

/** The same of targets that take a while to finish. */
export const targets = {
  ...checked,
  deregistrationDelay: duration({ least: 0, most: 3_600_000, words: 'of at most 1h' })
    .prefault('30s')
    .describe('How long a target that leaves may finish what it is doing.'),
};

export type HealthSettings = z.output<typeof checked.health>;

/** Where the environment is known from. */
export const environment = environmentSchema
  .optional()
  .describe(
    "What the stack uses of its environment. The outputs of the environment's own stack (`aws-environment`) unless told.",
  );

/** Variables, by name: text, or where a secret is. */
export const variables = entries(variable(z.string({ error: 'text, in quotes' })));

/** What all configs of revisions have. */
export interface RevisionConfig {
  region: string;
  role?: string | undefined;
  environment?: EnvironmentFacts | undefined;
}
