import { type AddressFacts, type Claimant, decideClosing, decideOpening } from '../../domain/experiment/address.ts';
import { locateVariant } from '../../domain/experiment/experiment.ts';
import type { RunRef } from '../../domain/experiment/run.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import type { Route, RouteObservation } from '../../domain/traffic/route.ts';
import {
  InvalidRouteError,
  type Router,
  type RouterLookup,
  RouterUnreachableError,
  StaleGenerationError,
} from '../../routing/router.ts';
import type { ExperimentStore, RunRecord } from '../../store/experiments/stores.ts';
import { createPassingFailure, createPermanentFailure } from '../failures.ts';
import type { RunJournal } from './run-journal.ts';

/**
 * How long what is in flight may take, in milliseconds: where people look at what goes, nothing of it is worth waiting for;
 * where another run has taken the address over, nobody is to notice.
 */
const DRAIN_MS = { going: 3_000, overtaken: 20_000 } as const;

/** So often somebody else may write between a look and the write that follows. */
const LOOKS = 20;

/** One variant of a run, and where it is to be looked at. */
export interface Place {
  ref: RunRef;
  actor: string;
  name: string;
  port: number;
}

/** What the address of a variant is written with. */
export interface AddressParts {
  runs: ExperimentStore['runs'];
  routers: RouterLookup;
  journal: RunJournal;
}

/** The address of a variant, as one run has it, takes it from another one, and gives it back. */
export class VariantAddress {
  readonly #parts: AddressParts;
  readonly #place: Place;

  constructor(parts: AddressParts, place: Place) {
    this.#parts = parts;
    this.#place = place;
  }

  /** Where it is; undefined where a later run has it. */
  async open(endpoints: Endpoint[]): Promise<Endpoint | undefined> {
    const { port } = this.#place;
    const { service } = this.#variant;
    const router = await this.#router();
    for (let look = 1; look <= LOOKS; look += 1) {
      const seen = await routing(() => router.observe(service));
      const opening = decideOpening(await this.#findFacts(seen), { endpoints, port });
      if (opening.kind === 'has') return seen?.address;
      if (opening.kind === 'overtaken') return undefined;
      const observed = await this.#write('open', router, { ...opening.route, service });
      if (observed) return observed.address;
      // A later run was here, and has left nothing to be seen.
      if (!seen && look > 1) return undefined;
    }
    throw this.#createRestlessness();
  }

  /** Until nothing leads to the run, and nothing of it is in flight. */
  async close(signal: AbortSignal): Promise<void> {
    const { ref, name, actor } = this.#place;
    const { service, revision } = this.#variant;
    const router = await this.#router();
    const event = { step: `${name}-close`, actor, data: { variant: name } };
    const drain = async (seen: RouteObservation | undefined, ms: number): Promise<void> => {
      if (seen) await routing(() => router.drain(service, revision, ms, signal));
    };
    const given: number[] = [];
    for (let look = 1; look <= LOOKS; look += 1) {
      const seen = await routing(() => router.observe(service));
      const closing = decideClosing(await this.#findFacts(seen), given);
      if (closing.kind === 'leave') return drain(seen, look === 1 ? DRAIN_MS.overtaken : DRAIN_MS.going);
      await this.#parts.journal.write(ref, { type: 'route.removing', ...event });
      if (closing.kind === 'hand-back') {
        const isGiven = await this.#write(`hand-back-${closing.to}`, router, { ...closing.route, service });
        if (isGiven) given.push(closing.to);
      } else if (closing.kind === 'close') {
        await unlessStale(() => router.apply({ ...closing.route, service, closed: `${name} is going` }));
      } else {
        await drain(seen, DRAIN_MS.going);
        const isRemoved = await unlessStale(() => router.remove(service, closing.generation).then(() => true));
        // Without a route that can be seen, a later run has been here.
        if (!isRemoved && seen) continue;
        await this.#parts.journal.write(ref, { type: 'route.removed', ...event });
        return;
      }
    }
    throw this.#createRestlessness();
  }

  /** Undefined where somebody else has written since. */
  async #write(step: string, router: Router, route: Route): Promise<RouteObservation | undefined> {
    const { ref, actor, name } = this.#place;
    const { journal } = this.#parts;
    const { generation, port, targets } = route;
    const to = targets.find(({ weight }) => weight > 0)?.revision ?? null;
    const data = { variant: name, generation, to, ...(port === undefined ? {} : { port }) };
    const event = { step: `${name}-${step}`, actor, data };
    await journal.write(ref, { type: 'route.changing', ...event });
    const observed = await unlessStale(() => router.apply(route));
    if (observed) await journal.write(ref, { type: 'route.changed', ...event });
    return observed;
  }

  /** Who else may have it. Read after the route: what was there when it was seen is known. */
  async #findFacts(seen: RouteObservation | undefined): Promise<AddressFacts> {
    const { ref, name } = this.#place;
    const open = (await this.#parts.runs.open(ref.experiment)).filter(({ status }) => status.run !== ref.run);
    const others = open.flatMap((record): Claimant[] => {
      const port = record.plan?.addresses?.[name];
      if (port === undefined || isEnding(record)) return [];
      const found = record.status.variants.find((variant) => variant.name === name);
      return [{ run: record.status.run, port, endpoints: found?.state === 'ready' ? found.endpoints : [] }];
    });
    return { run: ref.run, seen, others, ending: open.filter(isEnding).map(({ status }) => status.run) };
  }

  get #variant() {
    const { ref, name } = this.#place;
    return locateVariant(ref.experiment, ref.run, name);
  }

  #router(): Promise<Router> {
    return this.#parts.routers.of({ kind: 'embedded', port: this.#place.port });
  }

  #createRestlessness() {
    return createPassingFailure('Unavailable', `the address of ${this.#place.name} is written by others all the time`);
  }
}

/** Nothing new is to lead to it. */
export function isEnding({ status, stop }: RunRecord): boolean {
  return stop !== undefined || status.outcome !== undefined;
}

async function unlessStale<T>(run: () => Promise<T>): Promise<T | undefined> {
  return routing(run).catch((error: unknown) => {
    if (error instanceof StaleGenerationError) return undefined;
    throw error;
  });
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
