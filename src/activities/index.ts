import { bakeActivities } from './bake.ts';
import { baselineActivities } from './baseline.ts';
import { checkActivities, verdictActivities } from './checks.ts';
import { commandActivities } from './commands.ts';
import { createRunActivities, createRunWatchActivities, createVariantActivities } from './experiment/index.ts';
import { addHeartbeats } from './heartbeat.ts';
import { contractCallActivities, contractRecordActivities } from './contracts.ts';
import { hookActivities, hookReportActivities } from './hooks.ts';
import { gateWebhookActivities } from './gate-webhook.ts';
import { gateActivities } from './gates.ts';
import { hostActivities } from './hosts.ts';
import { Journal } from './journal.ts';
import { retryElsewhere } from './missing-blueprint.ts';
import { recoveryActivities } from './recovery.ts';
import { recallActivities } from './recall.ts';
import { openActivities } from './open.ts';
import type { Ports } from './ports.ts';
import { recordActivities } from './record.ts';
import { createRecorder } from './recorder.ts';
import { serviceRecordActivities } from './service-record.ts';
import { type DestroyTask, stackActivities } from './stacks.ts';
import { drainActivities, trafficActivities } from './traffic.ts';

export type { Ports };

/** Short steps; they run on the control task queue, or in place as local activities. */
export function createControlActivities(ports: Ports) {
  const { stacks, routers, experiments, hosts, stops } = ports;
  const recorder = createRecorder(ports);
  const { catalogue, journal } = recorder;
  return {
    ...verdictActivities(recorder),
    ...addHeartbeats(commandActivities(catalogue, experiments.proofs, stacks, journal)),
    ...addHeartbeats(recallActivities(catalogue, journal)),
    ...addHeartbeats(openActivities(recorder, experiments.proofs, stops)),
    ...addHeartbeats(baselineActivities(recorder)),
    ...addHeartbeats(recordActivities(recorder)),
    ...addHeartbeats(recoveryActivities(journal)),
    ...addHeartbeats(serviceRecordActivities(recorder)),
    ...addHeartbeats(hookReportActivities(journal)),
    ...addHeartbeats(contractRecordActivities(recorder)),
    ...addHeartbeats(trafficActivities(routers, journal, stops)),
    ...addHeartbeats(hostActivities(hosts)),
    ...addHeartbeats(gateActivities(stops, journal)),
    ...createRunActivities(ports),
  };
}

/** What lasts because it looks on; it has a task queue with room for thousands of its own. */
export function createWatchActivities(ports: Ports) {
  const { routers, audit, catalogue, stacks, hooks } = ports;
  const journal = new Journal(audit);
  return {
    ...checkActivities(catalogue),
    ...hookActivities(catalogue, hooks, journal),
    ...contractCallActivities(catalogue, hooks),
    ...gateWebhookActivities(hooks),
    ...bakeActivities(catalogue, routers, stacks, journal),
    ...addHeartbeats(drainActivities(routers, journal)),
    ...createRunWatchActivities(ports),
  };
}

/** Engine operations; they have a task queue with few slots of its own, since each runs processes. */
export function createStackActivities(ports: Ports) {
  const { audit, catalogue, drift, hosts } = ports;
  const stacks = retryElsewhere(ports.stacks, hosts);
  const made = stackActivities(stacks, catalogue, new Journal(audit));
  return {
    ...made,
    /** A revision that is made again later has nothing to do with what was found of this stack. */
    async destroy(task: DestroyTask): Promise<void> {
      await made.destroy(task);
      await drift.forget({ service: task.ref.service, revision: task.revision });
    },
    ...createVariantActivities({ audit, experiments: ports.experiments, stacks }),
  };
}

export type ControlActivities = ReturnType<typeof createControlActivities>;
export type WatchActivities = ReturnType<typeof createWatchActivities>;
export type StackActivities = ReturnType<typeof createStackActivities>;
