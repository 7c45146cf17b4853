import { names } from '../contract/names.ts';
import type { AuditQuery } from '../store/audit/store.ts';
import { parseServiceId } from '../domain/service/service.ts';
import { ApiError } from '../contract/supplant-client.ts';
import { toApiError } from './remote-errors.ts';

/** The most that any list gives in one page. */
const PAGE = 500;

/** Reads pages until there are `limit` entries, or no more. */
export async function collectPages<T>(
  limit: number,
  read: (pageSize: number, pageToken: string) => Promise<[entries: T[], nextPageToken: string]>,
): Promise<T[]> {
  const all: T[] = [];
  let token = '';
  try {
    while (all.length < limit) {
      const [entries, next] = await read(Math.min(PAGE, limit - all.length), token);
      all.push(...entries);
      if (next === '') break;
      token = next;
    }
    return all;
  } catch (error) {
    throw toApiError(error);
  }
}

/** A query in the names of the API. */
export function toAuditFilter({ afterSeq = 0, subject, rollout }: Omit<AuditQuery, 'limit'>) {
  return {
    afterSequence: BigInt(afterSeq),
    service: subject === undefined ? '' : names.service(serviceIn(subject, subject)),
    rollout: rollout === undefined ? '' : rolloutIn(rollout),
  };
}

function rolloutIn(rollout: string): string {
  const [, service = '', number = ''] = /^(.*)#([1-9]\d{0,8})$/.exec(rollout) ?? [];
  return names.rollout(serviceIn(service, rollout), Number(number));
}

function serviceIn(text: string, whole: string) {
  const service = parseServiceId(text);
  if (service) return service;
  const suggestion = 'write web/production for a service, web/production#12 for a rollout';
  throw new ApiError('INVALID', `'${whole}' names no service and no rollout`, { suggestion });
}
