import { z } from 'zod';
import { configSchema as localProcess } from '../../../blueprints/local-process/config.ts';
import { mapping } from '../../../src/config/fields.ts';

/** local-process's, and the faults; see `PlannedFault`. */
export const configSchema = mapping({
  ...localProcess.shape,
  faults: z
    .array(
      mapping({
        on: z.enum(['create', 'delete']),
        resource: z.string().optional(),
        does: z.enum(['hang', 'slow', 'error', 'throttled', 'error-after']),
        times: z.int().optional(),
        ms: z.number().optional(),
      }),
    )
    .prefault([]),
});
