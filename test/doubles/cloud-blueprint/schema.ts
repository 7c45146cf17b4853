import { z } from 'zod';
import { mapping } from '../../../src/config/fields.ts';

/** What a revision's instance runs, and how long the cloud takes to make it. */
export const configSchema = mapping({
  version: z.string(),
  behaviour: z.enum(['good', 'unhealthy']).prefault('good'),
  /** In milliseconds; the group takes a fifth of it. */
  createMs: z.int().min(0).prefault(0),
});

export type CloudConfig = z.output<typeof configSchema>;
