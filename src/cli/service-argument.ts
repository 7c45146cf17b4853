import { ApiError, type SupplantClient } from '../contract/supplant-client.ts';
import { parseRevision } from '../domain/service/revision.ts';
import { NAME, parseServiceId, formatServiceId, type ServiceKey } from '../domain/service/service.ts';
import { nearest } from '../config/nearest.ts';
import { UsageError } from './errors.ts';

/** Reads `web/production`, or `web` where there is exactly one environment of it. */
export async function resolveService(client: SupplantClient, text: string): Promise<ServiceKey> {
  const key = parseServiceId(text);
  if (key) return key;
  if (!NAME.test(text)) {
    throw new UsageError(`'${text}' does not name a service`, {
      suggestion: 'write NAME/ENVIRONMENT, such as web/production',
    });
  }
  const known = await serviceKeys(client);
  const named = known.filter(({ name }) => name === text);
  const [only, ...others] = named;
  if (only && others.length === 0) return only;
  if (only)
    throw new UsageError(`'${text}' has ${named.length} environments`, {
      suggestion: `say which: ${named.map(formatServiceId).join(' or ')}`,
    });
  throw unknownService(text, known);
}

/** Does the work on the service the text names; one that does not exist is answered with the nearest that do. */
export async function onService<Result>(
  client: SupplantClient,
  text: string,
  work: (key: ServiceKey) => Promise<Result>,
): Promise<Result> {
  const key = await resolveService(client, text);
  try {
    return await work(key);
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== 'NOT_FOUND') throw error;
    const known = await serviceKeys(client);
    if (known.some((other) => formatServiceId(other) === formatServiceId(key))) throw error;
    throw unknownService(formatServiceId(key), known);
  }
}

async function serviceKeys(client: SupplantClient): Promise<ServiceKey[]> {
  const views = await client.services();
  return views.map(({ status }) => status.spec.service);
}

function unknownService(text: string, known: readonly ServiceKey[]): ApiError {
  const ids = known.map(formatServiceId);
  const [name = ''] = text.split('/');
  const near = [
    ...new Set([
      ...ids.filter((id) => id.startsWith(text)),
      ...nearest(text, ids, 3),
      ...known.filter((key) => nearest(name, [key.name]).length > 0).map(formatServiceId),
    ]),
  ].slice(0, 3);
  const suggestion =
    ids.length === 0
      ? 'there is no service yet; describe one in supplant.yaml and type: supplant apply -f supplant.yaml'
      : near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : 'supplant list shows all services';
  return new ApiError('NOT_FOUND', `there is no service '${text}'`, { suggestion });
}

export function readRevision(text: string): number {
  const revision = parseRevision(text);
  if (revision === undefined)
    throw new UsageError(`'${text}' is not a revision`, {
      suggestion: 'write r3, or 3; supplant history SERVICE shows them',
    });
  return revision;
}

/** Reads `12`, `#12` or `web/production#12`. */
export function readRollout(text: string): number {
  const number = /^(?:[^#]*#)?([1-9]\d{0,8})$/.exec(text)?.[1];
  if (number === undefined)
    throw new UsageError(`'${text}' is not a rollout's number`, {
      suggestion: 'write 12; supplant history SERVICE shows them',
    });
  return Number(number);
}
