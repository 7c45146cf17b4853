import { locateVariant } from '../../domain/experiment/experiment.ts';
import type { RunRef } from '../../domain/experiment/run.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import type { RouterSpec } from '../../domain/service/service.ts';
import { computeRolloutGeneration } from '../../domain/traffic/generation.ts';
import type { Route } from '../../domain/traffic/route.ts';
import {
  InvalidRouteError,
  type RouterLookup,
  RouterUnreachableError,
  StaleGenerationError,
} from '../../routing/router.ts';
import type { ExperimentStore } from '../../store/experiments/stores.ts';
import { createPassingFailure, createPermanentFailure } from '../failures.ts';
import { withHeartbeats } from '../heartbeat.ts';
import { requirePlan } from './require-run.ts';
import type { RunJournal } from './run-journal.ts';

export interface AddressTask {
  ref: RunRef;
  actor: string;
  /** Where the variants are that are to be looked at. */
  variants: { name: string; endpoints: Endpoint[] }[];
}

/** Of each variant that has one, where it is looked at. */
export type Addresses = Record<string, Endpoint>;

/** People look at an experiment: nothing of it is worth waiting for any longer. */
const DRAIN_MS = 3_000;

/** A run's writes to a variant's route, whose numbers only rise: a later run with the same port takes the route over. */
const WRITES = { open: 1, close: 2, remove: 3 } as const;

/** Has the embedded router lead to variants, where they are to be looked at. */
export function addressActivities(store: Pick<ExperimentStore, 'runs'>, routers: RouterLookup, journal: RunJournal) {
  async function openAddresses({ ref, actor, variants }: AddressTask): Promise<Addresses> {
    const { plan } = await requirePlan(store, ref);
    const opened: Addresses = {};
    for (const { name, endpoints } of variants) {
      const port = plan.addresses?.[name];
      if (port === undefined) continue;
      const route: Route = { ...routeOf(ref, name, endpoints, 'open'), port };
      const event = { step: `${name}-open`, actor, data: { variant: name, port, generation: route.generation } };
      await journal.write(ref, { type: 'route.changing', ...event });
      const router = await routers.of(routerAt(port));
      const observed = await routing(() => router.apply(route)).catch(ignoreStale);
      if (!observed) continue;
      opened[name] = observed.address;
      await journal.write(ref, { type: 'route.changed', ...event });
    }
    return opened;
  }

  async function closeOne({ ref, actor }: AddressTask, name: string, port: number, signal: AbortSignal): Promise<void> {
    const { service, revision } = locateVariant(ref.experiment, ref.run, name);
    const router = await routers.of(routerAt(port));
    const seen = await routing(() => router.observe(service));
    const closed = { ...routeOf(ref, name, seen?.targets[0]?.endpoints ?? [], 'close'), closed: `${name} is going` };
    const event = { step: `${name}-close`, actor, data: { variant: name, generation: closed.generation } };
    await journal.write(ref, { type: 'route.removing', ...event });
    if (seen?.targets.some((target) => target.revision === revision)) {
      await routing(() => router.apply(closed));
      await routing(() => router.drain(service, revision, DRAIN_MS, signal));
    }
    await routing(() => router.remove(service, generationOf(ref, 'remove')));
    await journal.write(ref, { type: 'route.removed', ...event });
  }

  return {
    /** What a later run has taken over is left to it. */
    async openAddresses(task: AddressTask): Promise<Addresses> {
      return withHeartbeats(() => openAddresses(task));
    },

    /** No new requests, then some seconds for those in flight. What a later run has taken over stays. */
    async closeAddresses(task: AddressTask): Promise<void> {
      const { plan } = await requirePlan(store, task.ref);
      await withHeartbeats(async (signal) => {
        await Promise.all(
          Object.entries(plan.addresses ?? {}).map(async ([name, port]) => {
            await closeOne(task, name, port, signal).catch(ignoreStale);
          }),
        );
      });
    },
  };
}

/** A later run has the route. */
function ignoreStale(error: unknown): undefined {
  if (!(error instanceof StaleGenerationError)) throw error;
}

function routerAt(port: number): RouterSpec {
  return { kind: 'embedded', port };
}

function generationOf({ run }: RunRef, write: keyof typeof WRITES): number {
  return computeRolloutGeneration(run, WRITES[write]);
}

function routeOf(ref: RunRef, name: string, endpoints: Endpoint[], write: 'open' | 'close'): Route {
  const { service, revision } = locateVariant(ref.experiment, ref.run, name);
  const weight = write === 'open' ? 100 : 0;
  return { service, generation: generationOf(ref, write), targets: [{ revision, endpoints, weight }] };
}

async function routing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof InvalidRouteError) throw createPermanentFailure('RouteRefused', error.message);
    if (error instanceof RouterUnreachableError) throw createPassingFailure('Unavailable', error.message, error);
    throw error;
  }
}
