import { type Refusal, createRefusal } from '../../refusal.ts';
import type { Hold } from '../../rollback/hold.ts';
import type { KnownRollback } from '../../rollback/verdict.ts';
import type { Receipt } from '../requests.ts';
import type { Revision } from '../revision.ts';
import { formatServiceId, type SpecRef } from '../service.ts';
import type { SettingChange } from '../setting-change.ts';
import type { Entry, ServiceState } from '../state.ts';

/** What a service answers to a request. What is queued or answered is in its state only once `applyDecision` has put it there. */
export type Decision =
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'answered'; receipt: Receipt; spec?: SpecRef; changes?: SettingChange[] }
  | { kind: 'queued'; receipt: Receipt; entry: Entry; spec: SpecRef; changes?: SettingChange[]; lifts?: Hold };

/** What is known about a request beyond the service's own state. */
export interface Facts {
  /** The revision to go back to, as recorded. */
  revision?: Pick<Revision, 'number' | 'copyOf'> & { state: string };
  /** The rollout that runs has settled by what is recorded: it goes to its end, whatever is asked. */
  isSettled?: boolean;
  /** What drills have found out about the release that is asked for. */
  rollbacks?: readonly KnownRollback[];
  /** ISO 8601. */
  now: string;
}

/** @param why its kind, what is wrong, and what to do instead */
export const refuseRequest = (...why: Parameters<typeof createRefusal>): Decision => ({
  kind: 'refused',
  ...createRefusal(...why),
});

/** What is asked of a service that is not there. */
export function refuseUnknown(state: ServiceState): Decision {
  return refuseRequest(
    'NotFound',
    `there is no service ${formatServiceId(state.key)}`,
    'describe it in a manifest and apply that first',
  );
}
