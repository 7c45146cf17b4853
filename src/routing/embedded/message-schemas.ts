import { z } from 'zod';
import { text, wholeNumber } from '../../config/fields.ts';
import { NAME } from '../../domain/service/service.ts';

/**
 * What the admin plane is sent and the state file holds. Keys that are not known here are left out: a client may be
 * newer than its router.
 */

/** Longest time `setTimeout` can wait. */
const LONGEST_MS = 2 ** 31 - 1;
/** Empty: as the router says. */
const LISTEN = new RegExp(`^$|${z.regexes.ipv4.source}|${z.regexes.ipv6.source}`);
const HOST = /^[A-Za-z0-9.:_-]+$/;

const name = text('lower-case letters, digits and hyphens, a letter first, at most 40', NAME);
const service = z.object({ name, environment: name });
const port = wholeNumber(1, 65_535);
const count = wholeNumber(1, Number.MAX_SAFE_INTEGER);

const endpoint = z.object({
  host: text('a host name or an address without brackets, for instance 127.0.0.1', HOST),
  port,
  // What this router makes no use of is kept: anyone who asks for the route gets it as it was written.
  id: z.string().optional(),
  weight: z.number().optional(),
  attributes: z.record(z.string(), z.string()).optional(),
});

const pair = z.object({ name: z.string(), value: z.string() });
const cohort = z.object({ revision: count, header: pair.optional(), cookie: pair.optional() });

const preview = z.object({ port: port.optional(), revision: count.optional() });

/** Sums and ranges are `routeFaults`'s. */
export const routeSchema = z.object({
  service,
  generation: z.number(),
  port: port.optional(),
  listen: text('an IP address, or nothing for the router’s own', LISTEN).optional(),
  strictPort: z.boolean().optional(),
  closed: z.string().optional(),
  cohort: cohort.optional(),
  preview: preview.optional(),
  targets: z.array(z.object({ revision: count, endpoints: z.array(endpoint), weight: z.number() })),
});

export const drainSchema = z.object({ revision: count, deadlineMs: wholeNumber(0, LONGEST_MS) });
export const generationSchema = z.object({ generation: count });
export const savedRouteSchema = z.object({ port, previewPort: port.optional(), route: routeSchema });
export const removedServiceSchema = z.object({ service, generation: count });
