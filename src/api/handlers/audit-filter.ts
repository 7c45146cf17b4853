import { rolloutName } from '../../domain/requests.ts';
import { type ServiceKey, serviceId } from '../../domain/service.ts';
import { given } from '../convert/given.ts';
import type { Faults } from '../faults.ts';
import { parseRolloutName, parseServiceName } from '../names.ts';
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
  if (service && rollout && serviceId(service) !== serviceId(rollout.service)) {
    faults.expected('rollout', `a rollout of ${request.service}`, request.rollout);
  }
  const of = rollout?.service ?? service;
  const name = rollout && number !== undefined ? rolloutName({ service: rollout.service, number }) : undefined;
  return { ...given({ service: of }), filter: given({ subject: of && serviceId(of), rollout: name }) };
}
