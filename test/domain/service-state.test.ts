import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Request, Ticket } from '../../src/domain/requests.ts';
import { REMEMBERED, answeredBefore } from '../../src/domain/answers.ts';
import { decide, taken } from '../../src/domain/service-decisions.ts';
import {
  FORMERLY_LIMIT,
  type ServiceState,
  lastBegun,
  newState,
  previous,
  remember,
} from '../../src/domain/service-state.ts';
import { promote } from '../../src/domain/standing.ts';
import { spec } from '../workflow/samples.ts';

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
function step(state: ServiceState, next: Step, hear: (requestId: string, ticket: Ticket) => void): ServiceState {
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
  hear: (requestId: string, ticket: Ticket) => void,
) {
  const revision = request.kind === 'rollback' && request.to !== undefined && request.to <= state.lastRevision;
  const facts = { digest: 'd', now: NOW, ...(revision ? { revision: { number: request.to!, state: 'retired' } } : {}) };
  const change = { actor: 'ada', requestId };
  const before = answeredBefore(state, request, requestId);
  if (before) {
    if ('answer' in before && before.answer.ticket) hear(requestId, before.answer.ticket);
    return state;
  }
  const decision = decide(state, request, change, facts);
  if (decision.kind === 'refused') return state;
  hear(requestId, decision.ticket);
  return taken(state, decision, request, requestId, NOW);
}

function succeeded(state: ServiceState, running: NonNullable<ServiceState['running']>): ServiceState {
  if (running.kind === 'remove') return { ...state, lineup: { warm: [] }, removed: state.queue.length === 0 };
  if (!running.revision) return state;
  const { lineup } = promote(
    state.lineup,
    { revision: running.revision, endpoints: [] },
    running.spec.retention,
    new Date(NOW),
  );
  const replaced = state.lineup.live?.revision.number;
  return { ...state, lineup, formerly: remember(state.formerly, replaced, running.revision.number) };
}

function everyState(steps: Step[], holds: (state: ServiceState, before: ServiceState) => void): void {
  let state = newState(KEY);
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
          assert.ok(waiting.every((number) => number > lastBegun(state)));
          if (state.running) assert.equal(state.running.number, lastBegun(state));
        });
      }),
    );
  });

  it('give a request id the same answer for ever', () => {
    fc.assert(
      fc.property(someSteps, (steps) => {
        const told = new Map<string, Ticket>();
        let state = newState(KEY);
        for (const each of steps) {
          state = step(state, each, (requestId, ticket) => {
            assert.deepEqual(ticket, told.get(requestId) ?? ticket);
            told.set(requestId, ticket);
          });
        }
      }),
    );
  });

  it('stay small however much is asked', () => {
    let state = newState(KEY);
    for (let number = 0; number < REMEMBERED.latest + 50; number += 1) {
      const request: Request = { kind: 'apply', spec: spec(KEY, { artifact: `v${number}` }) };
      state = asked(state, request, `request-${number}`, () => undefined);
      state = step(
        step(state, { ask: 'begin' }, () => undefined),
        { ask: 'succeed' },
        () => undefined,
      );
    }
    assert.equal(state.formerly.length, FORMERLY_LIMIT);
    assert.equal(state.lastRollout, REMEMBERED.latest + 50);
  });

  it('remember request ids for a day, and the latest for longer, up to what can be carried', () => {
    const request: Request = { kind: 'apply', spec: spec(KEY, { artifact: 'v1' }) };
    const ask = (state: ServiceState, requestId: string, now: string): ServiceState => {
      const decision = decide(state, request, { actor: 'ada', requestId }, { now });
      assert.ok(decision.kind !== 'refused');
      return taken(state, decision, request, requestId, now);
    };
    let state = newState(KEY);
    for (let number = 0; number < REMEMBERED.latest + 50; number += 1) state = ask(state, `first-${number}`, NOW);
    assert.equal(state.answered.length, REMEMBERED.latest + 50);
    const nextDay = new Date(Date.parse(NOW) + REMEMBERED.leastMs + 1).toISOString();
    assert.equal(ask(state, 'next', nextDay).answered.length, REMEMBERED.latest);

    const [answer] = state.answered;
    assert.ok(answer);
    const full = { ...state, answered: Array.from({ length: REMEMBERED.most }, () => answer) };
    const { answered } = ask(full, 'last', NOW);
    assert.deepEqual([answered.length, answered.at(-1)?.requestId], [REMEMBERED.most, 'last']);
  });

  it('never offer to go back to what is live or on its way out', () => {
    fc.assert(
      fc.property(someSteps, fc.nat(5), (steps, going) => {
        everyState(steps, (state) => {
          const departing = { revision: going, stack: 's', gone: false, since: NOW, attempts: 0 };
          const target = previous({ ...state, departing: [departing] });
          assert.notEqual(target, going);
          if (target !== undefined) assert.notEqual(target, state.lineup.live?.revision.number);
        });
      }),
    );
  });

  it('know nothing of a service that was removed, while its stacks are still on their way out', () => {
    const applied: ServiceState = { ...newState(KEY), spec: spec(KEY), removed: true, lastRevision: 1, formerly: [1] };
    for (const request of [{ kind: 'deploy', artifact: 'b' }, { kind: 'rollback' }, { kind: 'remove' }] as Request[]) {
      const decision = decide(applied, request, { actor: 'ada', requestId: 'x' }, { now: NOW });
      assert.ok(decision.kind === 'refused');
      assert.equal(decision.refusal.type, 'NotFound');
    }
  });
});
