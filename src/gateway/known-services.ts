import { ApiError } from '../contract/supplant-client.ts';
import { formatServiceId } from '../domain/service/service.ts';
import type { Caller } from './auth/authenticator.ts';

const MOST_NAMED = 10;

/** The error as its caller may have it: of the services that there are, it names those that the caller may see. */
export function limitToCaller(error: unknown, caller: Caller): unknown {
  if (!(error instanceof ApiError) || error.services === undefined) return error;
  const visible = error.services
    .filter((service) => caller.refusal('view', service) === undefined)
    .map(formatServiceId);
  const more = visible.length > MOST_NAMED ? ` and ${visible.length - MOST_NAMED} more` : '';
  const suggestion =
    visible.length === 0
      ? 'there is none yet that you may see; describe one in a manifest and `supplant apply -f` it'
      : `there is ${visible.slice(0, MOST_NAMED).join(', ')}${more}`;
  const { reason, message, faults } = error;
  return new ApiError(reason, message, { suggestion, faults, cause: error });
}
