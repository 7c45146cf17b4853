import type { AuditStore } from '../audit/store.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { StackDriver } from '../stacks/driver.ts';
import type { Router } from '../traffic/router.ts';
import { checkActivities } from './checks.ts';
import { allBeating } from './heartbeat.ts';
import { Journal } from './journal.ts';
import { lookBackActivities } from './look-back.ts';
import { recallActivities } from './recall.ts';
import { recordActivities } from './record.ts';
import { serviceRecordActivities } from './service-record.ts';
import { stackActivities } from './stacks.ts';
import { trafficActivities } from './traffic.ts';

export interface Ports {
  stacks: StackDriver;
  router: Router;
  audit: AuditStore;
  catalogue: Catalogue;
}

/** Short steps; they run on the control task queue, or in place as local activities. */
export function createControlActivities({ stacks, router, audit, catalogue }: Ports) {
  const journal = new Journal(audit);
  return {
    ...checkActivities(journal),
    ...allBeating(recallActivities(catalogue, stacks)),
    ...allBeating(recordActivities(catalogue, journal)),
    ...allBeating(lookBackActivities(journal)),
    ...allBeating(serviceRecordActivities(catalogue, journal)),
    ...allBeating(trafficActivities(router, journal)),
  };
}

/** Engine operations; they have a task queue with few slots of its own, since each runs processes. */
export function createStackActivities({ stacks, audit, catalogue }: Ports) {
  return stackActivities(stacks, catalogue, new Journal(audit));
}

export type ControlActivities = ReturnType<typeof createControlActivities>;
export type StackActivities = ReturnType<typeof createStackActivities>;
