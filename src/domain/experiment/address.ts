import type { Endpoint } from '../service/revision.ts';
import { computeRolloutGeneration } from '../traffic/generation.ts';
import type { Route, RouteObservation, RouteTarget } from '../traffic/route.ts';

/*
 * Who has the address of a variant, where several runs of an experiment go on. The address is one route, whose targets are
 * runs. Whoever writes it looks at it first, and writes under a number above what it saw: two that write at the same time
 * cannot both succeed, and the one that was too late looks again.
 */

/** Another run of the experiment whose variant is to have the same address, and that nobody has told to end. */
export interface Claimant {
  run: number;
  /** Where its variant is; none before that is known. */
  endpoints: Endpoint[];
  port: number;
}

/** The address as it is, and who may have it. */
export interface AddressFacts {
  run: number;
  /** The route as the router has it; undefined where there is none. */
  seen?: Pick<RouteObservation, 'generation' | 'targets'> | undefined;
  others: readonly Claimant[];
  /** Runs that were told to end and have not ended: they look after what leads to them. */
  ending: readonly number[];
}

/** What is written of a route; the service is the variant's, and so is what people are told where it is closed. */
export type AddressRoute = Omit<Route, 'service' | 'closed'>;

export type Opening =
  /** The address leads to the run already. */
  | { kind: 'has' }
  | { kind: 'take'; route: AddressRoute }
  /** A later run has it, and ends this one in a moment. */
  | { kind: 'overtaken'; by: number };

export type Closing =
  /** It is another run's, or another run's to take. */
  | { kind: 'leave' }
  /** An earlier run goes on, and has it back. */
  | { kind: 'hand-back'; to: number; route: AddressRoute }
  /** Nobody has it for now: those who come are told so. */
  | { kind: 'close'; route: AddressRoute }
  | { kind: 'remove'; generation: number };

/** A run's first writes to the route of a variant. What follows counts on from what is there. */
const WRITES = { open: 1, close: 2, remove: 3 } as const;

/**
 * How a run gets the address of one of its variants. Only a later run that goes on keeps it; what an earlier
 * one that has it is answering comes to its end all the same, since a router finishes what it has begun.
 */
export function decideOpening(
  { run, seen, others }: Omit<AddressFacts, 'ending'>,
  { endpoints, port }: Pick<Claimant, 'endpoints' | 'port'>,
): Opening {
  const leader = findLeader(seen);
  if (leader?.revision === run) return { kind: 'has' };
  const later = others.find((other) => other.run === leader?.revision && other.run > run);
  if (later) return { kind: 'overtaken', by: later.run };
  return { kind: 'take', route: routeTo({ run, endpoints, port }, above(run, 'open', seen)) };
}

/**
 * What becomes of the address when a run ends. It is handed back to the latest run that goes on and is there to answer,
 * closed where one may still come, and removed where none does.
 *
 * @param given runs that this one has handed it to: they may have been told to end before they could know
 */
export function decideClosing({ run, seen, others, ending }: AddressFacts, given: readonly number[] = []): Closing {
  if (!seen) {
    return others.length > 0 ? { kind: 'leave' } : { kind: 'remove', generation: above(run, 'remove', seen) };
  }
  const leader = findLeader(seen);
  const goesOn = leader && others.some((other) => other.run === leader.revision);
  if (goesOn) return { kind: 'leave' };
  // One that is over without having given it up was lost.
  const isOwn = !leader || leader.revision === run || given.includes(leader.revision);
  if (!isOwn && ending.includes(leader.revision)) return { kind: 'leave' };
  const heir = others.filter(({ endpoints }) => endpoints.length > 0).toSorted((one, other) => other.run - one.run)[0];
  const generation = above(run, 'close', seen);
  if (heir) return { kind: 'hand-back', to: heir.run, route: routeTo(heir, generation) };
  if (leader) return { kind: 'close', route: { generation, targets: [] } };
  return others.length > 0 ? { kind: 'leave' } : { kind: 'remove', generation: above(run, 'remove', seen) };
}

/** Whom new requests go to. */
function findLeader(seen: AddressFacts['seen']): RouteTarget | undefined {
  return seen?.targets.find(({ weight }) => weight > 0);
}

function routeTo({ run, endpoints, port }: Claimant, generation: number): AddressRoute {
  return { generation, port, targets: [{ revision: run, endpoints, weight: 100 }] };
}

function above(run: number, write: keyof typeof WRITES, seen: AddressFacts['seen']): number {
  return Math.max(computeRolloutGeneration(run, WRITES[write]), (seen?.generation ?? 0) + 1);
}
