import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { toSpecRef } from '../../../src/activities/release.ts';
import type { Request, Receipt } from '../../../src/domain/service/requests.ts';
import { createAnswer, findAnswer } from '../../../src/domain/service/answers.ts';
import { applyDecision } from '../../../src/domain/service/decisions/apply-decision.ts';
import { decideRequest } from '../../../src/domain/service/decisions/decide-request.ts';
import {
  FORMERLY_LIMIT,
  LIMITS,
  type ServiceState,
  findLastBegun,
  createServiceState,
  findPreviousRevision,
  rememberLive,
} from '../../../src/domain/service/state.ts';
import { promoteRevision } from '../../../src/domain/service/revision-set.ts';
import { spec } from '../../workflow/samples.ts';
import { askedOf, askingOf } from '../asked.ts';

const KEY = { name: 'web', environment: 'production' };
const NOW = '2026-01-01T00:00:00.000Z';

type Step = { ask: Request; requestId: string } | { ask: 'begin' | 'succeed' | 'fail' };

const someRequest: fc.Arbitrary<Request> = fc.oneof(
  fc.constantFrom('a', 'b', 'c').map((artifact): Request => ({ kind: 'apply', spec: spec(KEY, { artifact }) })),
  fc.constantFrom('a', 'b', 'c').map((artifact): Request => ({ kind: 'deploy', artifact })),
  fc
    .option(fc.integer({ min: 1, max: 4 }), { nil: undefined })
    .map((to): Request => ({ kind: 'rollback', ...(to === undefined ? {} : { to }) })),
  fc.constant<Request>({ kind: 'remove' }),
);

const someSteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ ask: someRequest, requestId: fc.nat(40).map(String) }) },
    { weight: 2, arbitrary: fc.constantFrom<Step>({ ask: 'begin' }, { ask: 'succeed' }, { ask: 'fail' }) },
  ),
  { maxLength: 60 },
);

/** What the service's workflow does with its state, without the rollouts. */
function step(state: ServiceState, next: Step, hear: (requestId: string, receipt: Receipt) => void): ServiceState {
  if (typeof next.ask === 'object' && 'requestId' in next) return asked(state, next.ask, next.requestId, hear);
  if (next.ask === 'begin') {
    const [running, ...queue] = state.queue;
    return running && !state.running ? { ...state, running, queue } : state;
  }
  const { running, ...rest } = state;
  if (!running) return state;
  return next.ask === 'succeed' ? succeeded(rest, running) : rest;
}

function asked(
  state: ServiceState,
  request: Request,
  requestId: string,
  hear: (requestId: string, receipt: Receipt) => void,
) {
  const revision = request.kind === 'rollback' && request.to !== undefined && request.to <= state.lastRevision;
  const facts = { now: NOW, ...(revision ? { revision: { number: request.to!, state: 'retired' } } : {}) };
  const change = { actor: 'ada', requestId };
  const before = findAnswer(state, askingOf(request, requestId));
  if (before) {
    if ('answer' in before && before.answer.receipt) hear(requestId, before.answer.receipt);
    return state;
  }
  const decision = decideRequest(state, askedOf(state, request), change, facts);
  if (decision.kind === 'refused') return state;
  hear(requestId, decision.receipt);
  return applyDecision(state, decision, createAnswer(askingOf(request, requestId), NOW, decision.receipt));
}

function succeeded(state: ServiceState, running: NonNullable<ServiceState['running']>): ServiceState {
  if (running.kind === 'remove') return { ...state, revisionSet: { warm: [] }, removed: state.queue.length === 0 };
  if (!running.revision) return state;
  const { revisionSet } = promoteRevision(
    state.revisionSet,
    { revision: running.revision, endpoints: [] },
    running.settings.retention,
    new Date(NOW),
  );
  const replaced = state.revisionSet.live?.revision.number;
  return {
    ...state,
    revisionSet,
    formerly: rememberLive(state.formerly, replaced, running.revision.number, running.kind === 'rollback'),
  };
}

function everyState(steps: Step[], holds: (state: ServiceState, before: ServiceState) => void): void {
  let state = createServiceState(KEY);
  for (const each of steps) {
    const before = state;
    state = step(state, each, () => undefined);
    holds(state, before);
  }
}

describe("a service's decisions", () => {
  it('never use a number twice, and give every rollout one', () => {
    fc.assert(
      fc.property(someSteps, (steps) => {
        const rollouts = new Set<number>();
        const revisions = new Set<number>();
        everyState(steps, (state, before) => {
          assert.ok(state.lastRollout >= before.lastRollout && state.lastRevision >= before.lastRevision);
          const entry = state.queue.length > before.queue.length ? state.queue.at(-1) : undefined;
          if (!entry) return;
          assert.ok(!rollouts.has(entry.number));
          rollouts.add(entry.number);
          if (entry.revision) assert.ok(!revisions.has(entry.revision.number));
          if (entry.revision) revisions.add(entry.revision.number);
        });
      }),
    );
  });

  it('keep the queue in order, behind what was begun', () => {
    fc.assert(
      fc.property(someSteps, (steps) => {
        everyState(steps, (state) => {
          const waiting = state.queue.map(({ number }) => number);
          assert.deepEqual(
            waiting,
            [...new Set(waiting)].sort((a, b) => a - b),
          );
          assert.ok(waiting.every((number) => number > findLastBegun(state)));
          if (state.running) assert.equal(state.running.number, findLastBegun(state));
        });
      }),
    );
  });

  it('give a request id the same answer for ever', () => {
    fc.assert(
      fc.property(someSteps, (steps) => {
        const told = new Map<string, Receipt>();
        let state = createServiceState(KEY);
        for (const each of steps) {
          state = step(state, each, (requestId, receipt) => {
            assert.deepEqual(receipt, told.get(requestId) ?? receipt);
            told.set(requestId, receipt);
          });
        }
      }),
    );
  });

  it('stay small however much is asked', () => {
    let state = createServiceState(KEY);
    for (let number = 0; number < LIMITS.answered + 50; number += 1) {
      const request: Request = { kind: 'apply', spec: spec(KEY, { artifact: `v${number}` }) };
      state = asked(state, request, `request-${number}`, () => undefined);
      state = step(
        step(state, { ask: 'begin' }, () => undefined),
        { ask: 'succeed' },
        () => undefined,
      );
    }
    assert.equal(state.formerly.length, FORMERLY_LIMIT);
    assert.equal(state.lastRollout, LIMITS.answered + 50);
    assert.equal(state.answered.length, LIMITS.answered);
  });

  it('know an answer that only the record remembers, and tell it from other content', () => {
    const asking = askingOf({ kind: 'remove' }, 'old');
    const recorded = createAnswer(asking, NOW, { service: KEY, rollout: 7, unchanged: false, queuedBehind: 0 });
    const state = createServiceState(KEY);
    assert.deepEqual(findAnswer(state, asking, recorded), { answer: recorded });
    const other = findAnswer(state, askingOf({ kind: 'rollback' }, 'old'), recorded);
    assert.ok(other && 'refusal' in other && other.refusal.type === 'Conflict');
  });

  it('never offer to go back to what is live or on its way out', () => {
    fc.assert(
      fc.property(someSteps, fc.nat(5), (steps, going) => {
        everyState(steps, (state) => {
          const departing = { revision: going, stack: 's', gone: false, since: NOW, attempts: 0 };
          const target = findPreviousRevision({ ...state, departing: [departing] });
          assert.notEqual(target, going);
          if (target !== undefined) assert.notEqual(target, state.revisionSet.live?.revision.number);
        });
      }),
    );
  });

  it('know nothing of a service that was removed, while its stacks are still on their way out', () => {
    const applied: ServiceState = {
      ...createServiceState(KEY),
      spec: toSpecRef(spec(KEY)),
      removed: true,
      lastRevision: 1,
      formerly: [1],
    };
    for (const request of [{ kind: 'deploy', artifact: 'b' }, { kind: 'rollback' }, { kind: 'remove' }] as Request[]) {
      const decision = decideRequest(
        applied,
        askedOf(applied, request),
        { actor: 'ada', requestId: 'x' },
        { now: NOW },
      );
      assert.ok(decision.kind === 'refused');
      assert.equal(decision.refusal.type, 'NotFound');
    }
  });
});
