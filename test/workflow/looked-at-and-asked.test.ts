import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { describe, it } from 'mocha';
import type { GateStatus } from '../../src/domain/gates/status.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { stopsChangedSignal } from '../../src/workflows/shared/messages.ts';
import { approvalGate } from '../domain/gates/samples.ts';
import { act } from './act.ts';
import type { RolloutHandle } from './bench.ts';
import { findDivergences } from './replays.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const LOOKING = 6;
const ROLLOUTS = 8;
/** In which the steps after its checks are made. */
const SOON_MS = 30;
const APPROVERS = 10;
const EXPIRY_MS = 400;
/** Temporal's server lets a timer fire up to a second late where the workflow has much to do meanwhile. */
const LATE_MS = 1500;

/** What the update was refused with. */
function messageOf(error: unknown): string {
  return error instanceof WorkflowUpdateFailedError ? (error.cause?.message ?? '') : String(error);
}

describe('a rollout that is looked at all the time, and asked while it makes its steps', () => {
  const bench = benchForEach();

  /** Pauses, goes on, and hears of a stop, at some moments after its checks. */
  async function disturb(handle: RolloutHandle): Promise<void> {
    const soon = () => sleep(Math.random() * SOON_MS);
    await Promise.all([
      ...(['pause', 'resume'] as const).map(async (verb) => {
        await soon();
        await act(bench(), handle, verb).catch(() => undefined);
      }),
      ...[1, 2].map(async () => {
        await soon();
        await handle.signal(stopsChangedSignal);
      }),
    ]);
  }

  /** When the next gate that a rollout waits for expires, in milliseconds since 1970. */
  function expiry(): Promise<number> {
    const known = Promise.withResolvers<number>();
    const matches = (task: unknown): boolean => {
      const [gate] = (task as { gates: GateStatus[] }).gates;
      known.resolve(Date.parse(gate?.until ?? ''));
      return true;
    };
    bench().activities.on('recordGates', (effect) => effect(), { matches });
    return known.promise;
  }

  /** Approves in the moments in which the gate expires, and from time to time after them, each time as another person. */
  async function approveLate(handle: RolloutHandle, until: number): Promise<string[]> {
    const standing = { roles: ['approver' as const] };
    return Promise.all(
      Array.from({ length: APPROVERS }, async (_, number) => {
        const lateMs = Math.random() * (number % 3 === 0 ? LATE_MS : 4 * SOON_MS);
        await sleep(Math.max(1, until - Date.now() - 2 * SOON_MS + lateMs));
        return act(bench(), handle, 'approve', { actor: `bob-${number}`, standing }).catch(messageOf);
      }),
    );
  }

  /** Deploys, and looks at that from the end of the checks on, until `ask` is through or wants no more of it. */
  async function deployLookedAt(
    desk: ServiceBench,
    number: number,
    more: Parameters<ServiceBench['apply']>[1],
    ask: (handle: RolloutHandle, lookNoMore: () => void) => Promise<void>,
  ): Promise<void> {
    const checked = Promise.withResolvers<undefined>();
    bench().activities.on('check', async (effect) => {
      const verdict = await effect();
      checked.resolve(undefined);
      return verdict;
    });
    const receipt = await desk.apply(`next-${number}`, { bakeMs: 100, warm: 0, ...more });
    const handle = desk.rollout(receipt.rollout);
    await checked.promise;
    const over = new AbortController();
    const looks = Array.from({ length: LOOKING }, async () => {
      while (!over.signal.aborted) await handle.query<RolloutStatus>('status').catch(() => undefined);
    });
    const lookNoMore = (): void => over.abort();
    await ask(handle, lookNoMore);
    lookNoMore();
    assert.equal((await desk.over(receipt)).outcome, 'succeeded');
    await Promise.all(looks);
  }

  it('has a history that any other worker can go on with', async () => {
    const { service, env } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    for (let count = 1; count <= ROLLOUTS; count += 1) {
      await deployLookedAt(desk, count, {}, async (handle) => {
        await disturb(handle);
        // A pause may have been the last to come.
        await act(bench(), handle, 'resume').catch(() => undefined);
      });
    }
    assert.deepEqual(await findDivergences(env.client.workflow, service), []);
  });

  it('takes the same approvals for late on any other worker', async () => {
    const { service, env } = bench();
    const desk = await ServiceBench.live(bench(), 1);
    const gates = [approvalGate({ least: 2 * APPROVERS, expiresAfterMs: EXPIRY_MS, then: 'proceed' })];
    const answers: string[] = [];
    for (let count = 1; count <= ROLLOUTS; count += 1) {
      const expires = expiry();
      await deployLookedAt(desk, count, { gates }, async (handle, lookNoMore) => {
        const until = await expires;
        lookNoMore();
        answers.push(...(await approveLate(handle, until)));
      });
    }
    assert.ok(answers.some((answer) => answer.startsWith('counts for gate qa')));
    assert.ok(answers.some((answer) => answer.includes('no gate is waiting')));
    assert.deepEqual(await findDivergences(env.client.workflow, service), []);
  });
});
