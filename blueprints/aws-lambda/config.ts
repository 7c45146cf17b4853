import { z } from 'zod';
import { duration, mapping, text, wholeNumber } from '../../src/config/fields.ts';
import { checked, environment, place, variables } from '../aws/settings.ts';

/** `blueprint.config` of a service on `aws-lambda`. */
export const configSchema = mapping({
  ...place,
  environment,
  runtime: text('a runtime of Lambda, such as nodejs22.x', /^[a-z0-9.]+$/)
    .prefault('nodejs22.x')
    .describe('What runs the code. Of no use with an image.'),
  handler: text('a handler, such as index.handler')
    .prefault('index.handler')
    .describe('What of the code is called. Of no use with an image.'),
  memory: wholeNumber(128, 10_240).prefault(256).describe('In MiB; processors come with it.'),
  timeout: duration({ least: 1_000, most: 900_000, words: 'from 1s to 15m' })
    .prefault('30s')
    .describe('Until when a call must be answered.'),
  architecture: z.enum(['x86_64', 'arm64']).default('x86_64').describe('What the code is made for.'),
  env: variables
    .prefault({})
    .describe(
      'Variables, by name: text, which stands on record in the clear, or where a secret is: { secret: file:/run/secrets/db }. A worker reads it when it makes the function, which keeps the value, encrypted by AWS.',
    ),
  ...checked,
});

export type AwsLambdaConfig = z.output<typeof configSchema>;
