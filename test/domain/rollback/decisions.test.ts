import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { KnownRollback } from '../../../src/domain/rollback/verdict.ts';
import { applyDecision, removeFromQueue } from '../../../src/domain/service/decisions/apply-decision.ts';
import { decideRequest } from '../../../src/domain/service/decisions/decide-request.ts';
import type { Asked } from '../../../src/domain/service/requests.ts';
import {
  CONCURRENCY_POLICIES,
  type ConcurrencyPolicy,
  type RollbackSafetyDemand,
  type ServiceSpec,
  pickSettings,
} from '../../../src/domain/service/service.ts';
import { type ServiceState, createServiceState } from '../../../src/domain/service/state.ts';
import { spec } from '../../workflow/samples.ts';

const KEY = { name: 'web', environment: 'production' };
const CHANGE = { actor: 'ada', requestId: 'id' };
const NOW = '2026-01-01T00:00:00.000Z';

interface Options {
  concurrency?: ConcurrencyPolicy;
  rollbackSafety?: RollbackSafetyDemand;
}

function described({ concurrency, rollbackSafety = 'proven' }: Options = {}): ServiceSpec {
  return { ...spec(KEY, { ...(concurrency ? { concurrency } : {}) }), rollbackSafety };
}

function asked(release: string, options?: Options): Asked {
  return {
    kind: 'apply',
    release,
    label: release,
    spec: { digest: release, settings: pickSettings(described(options)) },
  };
}

/** r1 is live. */
function live(release = 'one', options?: Options): ServiceState {
  return {
    ...createServiceState(KEY),
    spec: { digest: release, settings: pickSettings(described(options)) },
    lastRevision: 1,
    lastRollout: 1,
    revisionSet: { live: { revision: { number: 1, release, label: release }, endpoints: [], since: NOW }, warm: [] },
  };
}

const proof = (to: string, verdict: KnownRollback['verdict'] = 'proven'): KnownRollback => ({
  ...{ to, verdict, run: 'web-drill/production@3' },
});

function decide(state: ServiceState, request: Asked, rollbacks: KnownRollback[] = []) {
  return decideRequest(state, request, CHANGE, { now: NOW, rollbacks });
}

/** The state once that is accepted. */
function after(state: ServiceState, request: Asked, rollbacks: KnownRollback[] = []): ServiceState {
  const decision = decide(state, request, rollbacks);
  assert.notEqual(decision.kind, 'refused');
  if (decision.kind === 'refused') return state;
  return applyDecision(state, decision, { requestId: 'id', fingerprint: 'f', receipt: decision.receipt });
}

describe('a service that demands proven rollbacks', () => {
  it('takes its first release', () => {
    assert.equal(decide(createServiceState(KEY), asked('one')).kind, 'queued');
  });

  it('refuses one whose rollback to what is live is not proven, and says what to type', () => {
    const decision = decide(live(), asked('two'), [proof('other')]);
    assert.ok(decision.kind === 'refused');
    assert.match(decision.refusal.message, /rollback of web\/production from two to r1 is not proven/);
    assert.equal(
      decision.refusal.suggestion,
      'try it first: supplant drill web/production --artifact two, or supplant drill --file with its manifest',
    );
  });

  it('takes one whose rollback is proven, and says by what', () => {
    const decision = decide(live(), asked('two'), [proof('one')]);
    assert.ok(decision.kind === 'queued');
    assert.deepEqual(decision.receipt.rollback, { to: 1, verdict: 'proven', run: 'web-drill/production@3' });
  });

  it('refuses one whose rollback is disproven', () => {
    assert.equal(decide(live(), asked('two'), [proof('one', 'disproven')]).kind, 'refused');
  });

  it('goes by what is ahead: a release that would be live by then', () => {
    const state = after(live(), asked('two'), [proof('one')]);
    assert.equal(decide(state, asked('three'), [proof('one')]).kind, 'refused');
    assert.equal(decide(state, asked('three'), [proof('two')]).kind, 'queued');
  });

  it('goes by what is live where what is ahead gives way', () => {
    const options = { concurrency: 'supersede-running' } as const;
    const waiting = after(live('one', options), asked('two', options), [proof('one')]);
    const [first] = waiting.queue;
    const state: ServiceState = { ...waiting, queue: [], running: first! };
    assert.equal(decide(state, asked('three', options), [proof('one')]).kind, 'queued');
    assert.equal(decide(state, asked('three', options), [proof('two')]).kind, 'refused');
  });

  it('leaves what follows a removal to when that is over', () => {
    const removing = after(live(), { kind: 'remove' });
    assert.equal(decide(removing, asked('two')).kind, 'queued');
  });

  it('asks nothing of a restart or a rollback', () => {
    assert.equal(decide(live(), { kind: 'restart' }).kind, 'queued');
    const warm = [{ revision: { number: 0, release: 'zero', label: 'zero' }, endpoints: [], since: NOW }];
    const state = { ...live(), formerly: [0] };
    assert.equal(
      decide({ ...state, revisionSet: { ...state.revisionSet, warm } }, { kind: 'rollback' }).kind,
      'queued',
    );
  });

  it('asks nothing any more once its manifest says so', () => {
    assert.equal(decide(live(), asked('two', { rollbackSafety: 'none' })).kind, 'queued');
  });
});

describe('a service that demands nothing', () => {
  it('takes what is disproven, and says so; of what nobody has tried it says nothing', () => {
    const request = asked('two', { rollbackSafety: 'none' });
    const decision = decide(live(), request, [proof('one', 'disproven')]);
    assert.ok(decision.kind === 'queued');
    assert.equal(decision.receipt.rollback?.verdict, 'disproven');
    const silent = decide(live(), request);
    assert.ok(silent.kind === 'queued');
    assert.equal(silent.receipt.rollback, undefined);
  });
});

describe('whatever waits', () => {
  const release = fc.constantFrom('one', 'two', 'three');
  const proofs = fc.uniqueArray(fc.record({ to: release, verdict: fc.constantFrom('proven', 'disproven') }), {
    selector: ({ to }) => to,
  });
  const request = fc.record({ release, concurrency: fc.constantFrom(...CONCURRENCY_POLICIES), proofs });

  it('a demanding service accepts no release whose rollback to what comes before it is not proven', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 6 }), (requests) => {
        let state = live();
        for (const { release: wanted, concurrency, proofs: known } of requests) {
          const rollbacks = known.map(({ to, verdict }) => proof(to, verdict as 'proven'));
          const decision = decide(state, asked(wanted, { concurrency }), rollbacks);
          if (decision.kind === 'refused') continue;
          const { rollback } = decision.receipt;
          assert.ok(rollback === undefined || rollback.verdict === 'proven');
          state = applyDecision(state, decision, { requestId: 'id', fingerprint: 'f', receipt: decision.receipt });
          if (decision.kind !== 'queued') continue;
          for (const number of decision.receipt.drops ?? []) state = removeFromQueue(state, number);
          // Nothing runs here: what is accepted comes right behind what it was judged by.
          const chain = [state.revisionSet.live!.revision, ...state.queue.map(({ revision }) => revision!)];
          const before = chain.at(-2)!;
          assert.ok(
            before.release === wanted ||
              rollbacks.some(({ to, verdict }) => to === before.release && verdict === 'proven'),
          );
        }
      }),
    );
  });
});
