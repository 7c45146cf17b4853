import type { RunRef } from '../../domain/experiment/run.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import type { RouterLookup } from '../../routing/router.ts';
import type { ExperimentStore, RunRecord } from '../../store/experiments/stores.ts';
import { withHeartbeats } from '../heartbeat.ts';
import { requirePlan, requireRun } from './require-run.ts';
import type { RunJournal } from './run-journal.ts';
import { VariantAddress, isEnding } from './variant-address.ts';

export interface AddressTask {
  ref: RunRef;
  actor: string;
  /** Where the variants are that are to be looked at. */
  variants: { name: string; endpoints: Endpoint[] }[];
}

/** Of each variant that has one, where it is looked at. */
export type Addresses = Record<string, Endpoint>;

/** Has the embedded router lead to variants, where they are to be looked at. */
export function addressActivities(store: Pick<ExperimentStore, 'runs'>, routers: RouterLookup, journal: RunJournal) {
  const parts = { runs: store.runs, routers, journal };

  async function openAll({ ref, actor, variants }: AddressTask, signal: AbortSignal): Promise<Addresses> {
    const { plan, record } = await requirePlan(store, ref);
    const opened: Addresses = {};
    if (isEnding(record)) return opened;
    await store.runs.save(locate(record, variants));
    for (const { name, endpoints } of variants) {
      const port = plan.addresses?.[name];
      if (port === undefined) continue;
      const place = new VariantAddress(parts, { ref, actor, name, port });
      const address = await place.open(endpoints);
      if (address) opened[name] = address;
      // Whoever closes it may have looked before it was open.
      if (isEnding(await requireRun(store, ref))) await place.close(signal);
    }
    return opened;
  }

  return {
    /** Takes over what an earlier run has. What a later run has taken over is left to it. */
    async openAddresses(task: AddressTask): Promise<Addresses> {
      return withHeartbeats((signal) => openAll(task, signal));
    },

    /**
     * No new requests, then some seconds for those in flight. An earlier run that goes on has its address back; what a later
     * run has taken over stays.
     */
    async closeAddresses({ ref, actor }: AddressTask): Promise<void> {
      const { plan } = await requirePlan(store, ref);
      await withHeartbeats(async (signal) => {
        const places = Object.entries(plan.addresses ?? {});
        await Promise.all(
          places.map(([name, port]) => new VariantAddress(parts, { ref, actor, name, port }).close(signal)),
        );
      });
    },
  };
}

/** On record before the router leads there: a later run that gives the address back finds where that is. */
function locate({ status }: RunRecord, variants: AddressTask['variants']): RunRecord['status'] {
  const known = new Map(variants.map(({ name, endpoints }) => [name, endpoints]));
  return {
    ...status,
    variants: status.variants.map((variant) => {
      const endpoints = known.get(variant.name);
      return endpoints ? { ...variant, endpoints, state: 'ready' } : variant;
    }),
  };
}
