import type { AuditStore } from '../store/audit/store.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import type { ExperimentStore } from '../store/experiments/stores.ts';
import type { Store } from '../store/store.ts';
import type { StackDriver } from '../stacks/driver.ts';
import type { RouterLookup } from '../routing/router.ts';
import { bakeActivities } from './bake.ts';
import { checkActivities, verdictActivities } from './checks.ts';
import { commandActivities } from './commands.ts';
import { addHeartbeats } from './heartbeat.ts';
import { Journal } from './journal.ts';
import type { ReaperParts } from './reaper/parts.ts';
import { recoveryActivities } from './recovery.ts';
import { recallActivities } from './recall.ts';
import { openActivities } from './open.ts';
import { recordActivities } from './record.ts';
import { createRecorder } from './recorder.ts';
import { serviceRecordActivities } from './service-record.ts';
import { stackActivities } from './stacks.ts';
import { drainActivities, trafficActivities } from './traffic.ts';

export interface Ports {
  stacks: StackDriver;
  routers: RouterLookup;
  audit: AuditStore;
  catalogue: Catalogue;
  experiments: ExperimentStore;
  atOnce: Store['atOnce'];
  reaper: ReaperParts;
}

/** Short steps; they run on the control task queue, or in place as local activities. */
export function createControlActivities({ stacks, routers, ...store }: Ports) {
  const recorder = createRecorder(store);
  const { catalogue, journal } = recorder;
  return {
    ...verdictActivities(recorder),
    ...addHeartbeats(commandActivities(catalogue, stacks, journal)),
    ...addHeartbeats(recallActivities(catalogue, journal)),
    ...addHeartbeats(openActivities(recorder)),
    ...addHeartbeats(recordActivities(recorder)),
    ...addHeartbeats(recoveryActivities(journal)),
    ...addHeartbeats(serviceRecordActivities(recorder)),
    ...addHeartbeats(trafficActivities(routers, journal)),
  };
}

/** What lasts because it looks on; it has a task queue with room for thousands of its own. */
export function createWatchActivities({ routers, audit, catalogue, stacks }: Ports) {
  return {
    ...checkActivities(catalogue),
    ...bakeActivities(catalogue, routers, stacks),
    ...addHeartbeats(drainActivities(routers, new Journal(audit))),
  };
}

/** Engine operations; they have a task queue with few slots of its own, since each runs processes. */
export function createStackActivities({ stacks, audit, catalogue }: Ports) {
  return stackActivities(stacks, catalogue, new Journal(audit));
}

export type ControlActivities = ReturnType<typeof createControlActivities>;
export type WatchActivities = ReturnType<typeof createWatchActivities>;
export type StackActivities = ReturnType<typeof createStackActivities>;
