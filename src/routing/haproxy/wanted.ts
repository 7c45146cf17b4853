import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Endpoint, formatRevisionName } from '../../domain/service/revision.ts';
import type { Cohort } from '../../domain/traffic/cohort.ts';
import type { Route } from '../../domain/traffic/route.ts';
import { LIMITS } from './limits.ts';

/** An endpoint as HAProxy knows it. */
export interface Server {
  /** Tells its revision and address: `r12-127.0.0.1:43121`. */
  name: string;
  address: string;
  port: number;
  /** Among the servers of its revision, 0–256. */
  weight: number;
}

export interface WantedRevision {
  revision: number;
  /** Share of new requests, 0–100. */
  weight: number;
  servers: Server[];
}

/** What a service's HAProxy is to do. */
export interface Wanted {
  revisions: WantedRevision[];
  /** What new requests are told that no revision takes. */
  refusal: string;
  /** Requests that one of the revisions gets whatever the weights are. */
  cohort?: Cohort;
}

const NOBODY = 'no revision takes traffic for this service';

/** Before a service's first route. */
export const NOTHING: Wanted = { revisions: [], refusal: NOBODY };

/**
 * A route with addresses for names: HAProxy would look a name up in the middle of its work. What has no address is left
 * out, and told as a fault.
 */
export async function resolveWanted({
  targets,
  closed = NOBODY,
  cohort,
}: Route): Promise<{ wanted: Wanted; faults: string[] }> {
  const faults: string[] = [];
  const revisions = targets.map(async ({ revision, endpoints, weight }) => {
    const weights = computeServerWeights(endpoints);
    const servers = endpoints.map(async ({ host, port }, index): Promise<Server[]> => {
      const address = await resolveAddress(host);
      if (address === undefined)
        faults.push(`${formatRevisionName(revision)} is at ${host}, a name without an address`);
      const name = `r${revision}-${address ?? host}:${port}`;
      return address === undefined ? [] : [{ name, address, port, weight: weights[index] ?? 1 }];
    });
    return { revision, weight, servers: withoutRepeats((await Promise.all(servers)).flat()) };
  });
  const wanted = { revisions: await Promise.all(revisions), refusal: closed, ...(cohort ? { cohort } : {}) };
  return { wanted, faults };
}

async function resolveAddress(host: string): Promise<string | undefined> {
  if (isIP(host) !== 0) return host;
  return lookup(host).then(
    ({ address }) => address,
    () => undefined,
  );
}

/** An endpoint that says nothing has weight 1. What HAProxy cannot take as it is, is brought to its scale. */
export function computeServerWeights(endpoints: readonly Endpoint[]): number[] {
  const weights = endpoints.map(({ weight = 1 }) => Math.max(0, weight));
  const most = Math.max(0, ...weights);
  if (most === 0) return weights.map(() => 1);
  if (most <= LIMITS.serverWeight && weights.every(Number.isInteger)) return weights;
  return weights.map((weight) => (weight === 0 ? 0 : Math.max(1, Math.round((weight * LIMITS.serverWeight) / most))));
}

function withoutRepeats(servers: readonly Server[]): Server[] {
  return [...new Map(servers.map((server) => [server.name, server])).values()];
}
