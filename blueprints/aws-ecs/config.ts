import { z } from 'zod';
import { ALWAYS, mapping, wholeNumber } from '../../src/config/fields.ts';
import { refuse } from '../../src/config/problems.ts';
import { environment, place, targets, variables } from '../aws/settings.ts';
import { refuseTaskSecret } from './task-secrets.ts';

/** What Fargate has: the memory, in MiB, that goes with so much of a processor. */
const MEMORY: Readonly<Record<number, [least: number, most: number]>> = {
  256: [512, 2048],
  512: [1024, 4096],
  1024: [2048, 8192],
  2048: [4096, 16384],
  4096: [8192, 30720],
};

/** `blueprint.config` of a service on `aws-ecs`. */
export const configSchema = mapping({
  ...place,
  environment,
  cpu: z
    .union(
      Object.keys(MEMORY).map((units) => z.literal(Number(units))),
      { error: `one of ${Object.keys(MEMORY).join(', ')}` },
    )
    .prefault(256)
    .describe('Of a processor, in 1/1024.'),
  memory: wholeNumber(512, 30_720).prefault(512).describe('In MiB, as Fargate has it with that much of a processor.'),
  architecture: z.enum(['X86_64', 'ARM64']).default('X86_64').describe('What the image is made for.'),
  tasks: wholeNumber(1, 500).prefault(2).describe('How many run.'),
  port: wholeNumber(1, 65_535).prefault(8080).describe('Where the program in the container listens, for HTTP.'),
  command: z
    .array(z.string(), { error: 'a list of words' })
    .optional()
    .describe("What is run. The image's own unless told."),
  env: variables
    .superRefine((env, context) => {
      for (const [name, value] of Object.entries(env)) {
        const wanted = typeof value === 'string' ? undefined : refuseTaskSecret(value);
        if (wanted !== undefined) refuse(context, { path: [name, 'secret'], wanted });
      }
    }, ALWAYS)
    .prefault({})
    .describe(
      'Variables, by name: text, which stands on record in the clear, or where a secret is: { secret: aws-ssm:/web/db }. ECS reads it when it starts a task; `secrets` of the environment allows it to.',
    ),
  ...targets,
}).superRefine(({ cpu, memory }, context) => {
  const [least = 0, most = 0] = MEMORY[cpu] ?? [];
  if (most === 0 || (memory >= least && memory <= most)) return;
  refuse(context, { path: ['memory'], wanted: `from ${least} to ${most} with cpu ${cpu}`, found: String(memory) });
}, ALWAYS);

export type AwsEcsConfig = z.output<typeof configSchema>;
