import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestMeta, Receipt } from '../domain/service/requests.ts';
import { type ServiceKey, type ServiceSpec, formatServiceId } from '../domain/service/service.ts';
import type { RolloutStatus } from '../domain/rollout/status.ts';
import { ApiError, type SupplantClient } from '../contract/supplant-client.ts';
import { repeatWhileUnfinished } from './repeat-while-unfinished.ts';

/** What to make live: a whole spec, or another artifact of a service that is known. */
export type Release = { spec: ServiceSpec } | { service: ServiceKey; artifact: string };

export interface DeployOptions {
  actor: string;
  reason?: string;
  /** Asking again under the same id, in another process even, waits for the same rollout. A random one unless told. */
  requestId?: string;
  /** Ends the waiting, not the rollout. */
  signal?: AbortSignal;
}

/** The rollout did not make the revision live; `status` says why and what became of it. */
export class RolloutFailedError extends Error {
  override readonly name = 'RolloutFailedError';
  readonly status: RolloutStatus;

  constructor(status: RolloutStatus) {
    const name = `${formatServiceId(status.service)}#${status.number}`;
    super(
      `rollout ${name} ${status.outcome ?? 'is not over'}${status.because === undefined ? '' : `: ${status.because}`}`,
    );
    this.status = status;
  }
}

/** First and longest pause before a request that nobody answered is repeated, in milliseconds. */
const PAUSES_MS = { first: 250, longest: 5_000 };

/**
 * Deploys, and waits until the revision is live. Lost connections and gateways are survived: the request is repeated
 * under the same id until somebody answers, and the waiting goes on where it was.
 *
 * @returns the rollout; that of an earlier request where nothing differed from what is live
 * @throws RolloutFailedError when the rollout ended otherwise
 * @throws ApiError when the request is refused
 */
export async function deployAndWait(
  client: SupplantClient,
  release: Release,
  { signal, requestId = randomUUID(), ...by }: DeployOptions,
): Promise<RolloutStatus> {
  const receipt = await insist(() => ask(client, release, { ...by, requestId }), signal);
  const status = await client.waitForRollout(receipt.service, receipt.rollout, signal);
  if (status.outcome !== 'succeeded') throw new RolloutFailedError(status);
  return status;
}

function ask(client: SupplantClient, release: Release, change: RequestMeta): Promise<Receipt> {
  return 'spec' in release
    ? client.apply(release.spec, change)
    : client.deploy(release.service, release.artifact, change);
}

async function insist<T>(attempt: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let pause = PAUSES_MS.first; ; pause = Math.min(pause * 2, PAUSES_MS.longest)) {
    signal?.throwIfAborted();
    try {
      return await repeatWhileUnfinished(attempt, () => (pause = PAUSES_MS.first), signal ? { signal } : {});
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'UNAVAILABLE') throw error;
    }
    await sleep(pause, undefined, signal ? { signal } : {});
  }
}
