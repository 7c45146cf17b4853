import type { DriftReport } from '../domain/drift/view.ts';
import type { RequestMeta } from '../domain/service/requests.ts';
import type { ServiceKey } from '../domain/service/service.ts';

/**
 * What can be asked about stacks that are not as they were made. Where no service is named, all are meant. Every method fails
 * with `ApiError` and nothing else.
 */
export interface DriftClient {
  list(service?: ServiceKey): Promise<DriftReport>;
  /** Has stacks looked at now. Returns what was found, in words; takes as long as the looks do. */
  check(service: ServiceKey | undefined, change: RequestMeta): Promise<string>;
  /** Says, by the reason of `change`, why what was found of a revision may stay. Returns what that covers, in words. */
  acknowledge(service: ServiceKey, revision: number, change: RequestMeta): Promise<string>;
}
