import { mapping, text, wholeNumber, lines } from '../../src/config/fields.ts';
import type { z } from 'zod';
import { environment, place, targets } from '../aws/settings.ts';

/** `blueprint.config` of a service on `aws-asg`. */
export const configSchema = mapping({
  ...place,
  environment,
  instanceType: text('a type of instance, such as t3.micro', /^[a-z0-9-]+\.[a-z0-9-]+$/)
    .prefault('t3.micro')
    .describe('What each instance is.'),
  instances: wholeNumber(1, 500).prefault(2).describe('How many there are, and never fewer.'),
  mostInstances: wholeNumber(1, 500)
    .optional()
    .describe('How many there may be when you scale the group. As many as `instances` unless told.'),
  port: wholeNumber(1, 65_535).prefault(80).describe('Where the program on each instance listens, for HTTP.'),
  userData: lines('a script')
    .optional()
    .describe('What each instance runs when it first starts. It stands on record in the clear.'),
  ...targets,
});

export type AwsAsgConfig = z.output<typeof configSchema>;
