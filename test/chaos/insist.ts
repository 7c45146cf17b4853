import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type SupplantClient } from '../../src/contract/supplant-client.ts';
import type { Receipt } from '../../src/domain/service/requests.ts';
import type { RolloutOutcome } from '../../src/domain/rollout/rollout.ts';

/** Where a client comes from; it throws while there is nobody to connect to. */
export interface ClientSource {
  readonly client: SupplantClient;
}

/** How long people go on asking before they call it lost, in milliseconds. */
const PATIENCE_MS = 90_000;
const PAUSE_MS = 100;

/** Characters of a reason: a finding is read in one line. */
const MOST_TOLD = 300;

/** Asks until somebody answers; under the same request id, as every client should. */
export async function insist<T>(from: ClientSource, ask: (client: SupplantClient) => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask(from.client);
    } catch (error) {
      if (!isPassing(error) || performance.now() > deadline) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** How a rollout has ended. */
export interface End {
  outcome: RolloutOutcome;
  /** Where it did not succeed. */
  because?: string;
}

/** For a finding: `failed (the engine …)`. */
export function describeEnd({ outcome, because }: End): string {
  return because === undefined ? outcome : `${outcome} (${because.slice(0, MOST_TOLD)})`;
}

/** Waits for the end of a rollout; a client's own waiting survives whatever happens to gateways. */
export async function awaitEnd(from: ClientSource, { service, rollout }: Receipt, signal: AbortSignal): Promise<End> {
  for (;;) {
    try {
      const { outcome, because } = await from.client.waitForRollout(service, rollout, signal);
      if (outcome) return { outcome, ...(because === undefined ? {} : { because }) };
    } catch (error) {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
    }
    await sleep(PAUSE_MS);
  }
}

/** Nobody answered, or nobody was there to be asked. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError ? error.reason === 'UNAVAILABLE' : (error as Error).message === 'not connected';
}
