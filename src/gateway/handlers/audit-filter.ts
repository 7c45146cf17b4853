import { formatRolloutName } from '../../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import { omitUndefined } from '../../contract/convert/given.ts';
import type { Faults } from '../faults.ts';
import { parseRolloutName, parseServiceName } from '../../contract/names.ts';
import type { Filter } from '../watch/audit-feed.ts';

/** Which events are wanted, and whose they are; of all services where there is none. */
export function readFilter(
  faults: Faults,
  request: { service: string; rollout: string },
): { service?: ServiceKey; filter: Filter } {
  const service =
    request.service === '' ? undefined : faults.take('service', request.service, parseServiceName(request.service));
  const rollout =
    request.rollout === '' ? undefined : faults.take('rollout', request.rollout, parseRolloutName(request.rollout));
  const number = rollout?.number;
  if (rollout && number === undefined) faults.expected('rollout', 'a rollout with its number', request.rollout);
  if (service && rollout && formatServiceId(service) !== formatServiceId(rollout.service)) {
    faults.expected('rollout', `a rollout of ${request.service}`, request.rollout);
  }
  const of = rollout?.service ?? service;
  const name = rollout && number !== undefined ? formatRolloutName({ service: rollout.service, number }) : undefined;
  return {
    ...omitUndefined({ service: of }),
    filter: omitUndefined({ subject: of && formatServiceId(of), rollout: name }),
  };
}
