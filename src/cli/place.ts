import { setTimeout as delay } from 'node:timers/promises';
import type { SupplantClient } from '../contract/supplant-client.ts';
import type { Receipt } from '../domain/service/requests.ts';
import { formatEndpointUrl } from '../domain/service/revision.ts';
import { readClientPort } from '../domain/service/router.ts';
import type { Warning } from '../domain/service/warning.ts';
import { AS_ROUTER, type RouteObservation } from '../domain/traffic/route.ts';
import { renderWarning } from './views/receipt.ts';
import { type Line, line, span } from './views/text.ts';

/** Where a service's clients connect, and what they find there. */
export interface Place {
  address: string | null;
  warnings: Warning[];
}

const LOOK_AGAIN_MS = 200;

export const NOWHERE: Place = { address: null, warnings: [] };

/** What was asked for is done: that nobody can say where its clients connect is no failure of it. */
export async function findPlace(
  client: SupplantClient,
  receipt: Receipt,
  looks = receipt.settings ? 20 : 1,
): Promise<Place> {
  const { service } = receipt;
  try {
    const { status, route, warnings = [] } = await client.view(service);
    // A place that was just asked for is on its way.
    if (looks > 1 && route && !isThere(route, readClientPort(status.spec.router))) {
      await delay(LOOK_AGAIN_MS);
      return await findPlace(client, receipt, looks - 1);
    }
    return { address: route ? formatEndpointUrl(route.address) : null, warnings };
  } catch {
    return NOWHERE;
  }
}

function isThere(
  { wantedPort, listen, portFault }: RouteObservation,
  wanted: ReturnType<typeof readClientPort>,
): boolean {
  const isAtPort = wanted.port === undefined || wantedPort === wanted.port;
  const isAtAddress = (wanted.listen ?? AS_ROUTER) === AS_ROUTER || listen === wanted.listen || portFault !== undefined;
  return isAtPort && isAtAddress;
}

export function renderPlace({ address, warnings }: Place, width: number): Line[] {
  return [
    ...(address === null ? [] : [line('Address: ', span(address, 'accent'))]),
    ...warnings.flatMap(({ text }) => renderWarning(text, width)),
  ];
}
