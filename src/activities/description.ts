import { writeOrder } from '../domain/rollout/write-order.ts';
import type { ServiceSpec } from '../domain/service/service.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import type { RolloutRequest } from '../store/catalogue/request-log.ts';
import { toSpecRef } from './release.ts';

/** Describes a service as a request has it. Returns the request with what the service was before: it may be taken back. */
export async function describeAnew(
  catalogue: Catalogue,
  request: RolloutRequest,
  spec: ServiceSpec,
): Promise<RolloutRequest> {
  const { service, number } = request;
  const order = writeOrder(number, 'request');
  const standing = await catalogue.description(service);
  // Recorded once more, it finds what it has written itself.
  const isOwn = standing?.order === order;
  const former = isOwn ? (await catalogue.requests.entry(service, number))?.before?.former : standing;
  await catalogue.saveService(spec, order);
  return { ...request, before: { ...(former ? { former } : {}), next: toSpecRef(spec).digest } };
}

/**
 * Has a service be what it was before a request that is taken back, unless somebody has described it anew since.
 *
 * @param at when that is, ISO 8601: a service that was not there before is removed since then
 */
export async function restoreDescription(catalogue: Catalogue, request: RolloutRequest, at: string): Promise<void> {
  const { service, number, before } = request;
  const standing = await catalogue.description(service);
  const isOwn = standing?.order === writeOrder(number, 'request') && toSpecRef(standing.spec).digest === before?.next;
  if (!isOwn) return;
  await catalogue.restoreDescription(before.former ?? { spec: standing.spec, removedAt: at, order: 0 });
}
