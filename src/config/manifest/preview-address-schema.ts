import type { z } from 'zod';
import { PREVIEW_ROUTERS, findPreviewObstacle } from '../../domain/service/router.ts';
import { describeValue } from '../fault.ts';
import { mapping, wholeNumber } from '../fields.ts';
import type { Refusal } from '../problems.ts';
import { readRouterKind } from './router-schema.ts';

/** The `preview` of blue-green. */
export const previewAddressSchema = mapping({
  port: wholeNumber(1, 65_535)
    .optional()
    .describe(
      'Its port, kept from rollout to rollout. A taken or missing one leads to a free one, which `status` shows. It is open where clients connect, at router.listen.',
    ),
});

export type PreviewAddressFields = z.output<typeof previewAddressSchema>;

/** What of a manifest a preview address depends on; each part of it may be faulty itself. */
interface Surroundings {
  router?: unknown;
  strategy?: unknown;
}

/** A preview address that the router could not have, and one where clients connect. */
export function findMisplacedPreview({ router, strategy }: Surroundings): Refusal[] {
  const preview = readKey(strategy, 'preview');
  if (preview === undefined) return [];
  const obstacle = findPreviewObstacle({ kind: readRouterKind(router) });
  const wanted = `it with the router ${PREVIEW_ROUTERS.join(' or ')} only, since ${obstacle}`;
  const path = ['strategy', 'preview'];
  const port = readKey(preview, 'port');
  const isTaken = port !== undefined && port === readKey(router, 'port');
  return [
    ...(obstacle === undefined ? [] : [{ path, wanted, found: describeValue(preview) }]),
    ...(isTaken
      ? [{ path: [...path, 'port'], wanted: 'another port than router.port', found: describeValue(port) }]
      : []),
  ];
}

function readKey(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
