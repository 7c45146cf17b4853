import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { createAnswer, findAnswer, rememberAnswer } from '../../../src/domain/service/answers.ts';
import { canonicalJson } from '../../../src/domain/canonical-json.ts';
import type { ServiceCommand, Request } from '../../../src/domain/service/requests.ts';
import { applyDecision, removeFromQueue } from '../../../src/domain/service/decisions/apply-decision.ts';
import { decideRequest } from '../../../src/domain/service/decisions/decide-request.ts';
import { findSuperseded } from '../../../src/domain/service/superseding.ts';
import { decideServiceCommand } from '../../../src/domain/service/service-commands.ts';
import {
  type ServiceState,
  findLastBegun,
  createServiceState,
  rememberLive,
  findActive,
} from '../../../src/domain/service/state.ts';
import { CONCURRENCY_POLICIES, type ConcurrencyPolicy } from '../../../src/domain/service/service.ts';
import { promoteRevision } from '../../../src/domain/service/revision-set.ts';
import { spec } from '../../workflow/samples.ts';
import { askedOf, askingOf } from '../asked.ts';

/** `SUPPLANT_TEST_SEED` and `FC_PATH` for one that failed, as its message says. */
const { FC_RUNS = '3000', FC_PATH } = process.env;
const KEY = { name: 'web', environment: 'production' };
const NOW = '2026-01-01T00:00:00.000Z';

interface Item {
  number: number;
  kind: 'deploy' | 'rollback' | 'remove';
  artifact?: string;
  to?: number;
}

/** What a service is to people: far less than what its workflow keeps. */
interface Model {
  exists: boolean;
  live?: number;
  warm: Set<number>;
  running?: Item;
  queue: Item[];
  bad: Set<number>;
  ids: Map<string, { content: string; rollout?: number }>;
  last: number;
}

interface Real {
  state: ServiceState;
}

type Step = fc.Command<Model, Real>;

function step(name: string, run: (model: Model, real: Real) => void): Step {
  const consistent = (model: Model, real: Real): void => {
    run(model, real);
    agree(model, real.state);
  };
  return { check: () => true, run: consistent, toString: () => name };
}

function agree(model: Model, state: ServiceState): void {
  assert.deepEqual(
    state.queue.map(({ number }) => number),
    model.queue.map(({ number }) => number),
  );
  assert.equal(state.running?.number, model.running?.number);
  assert.equal(state.revisionSet.live?.revision.number, model.live);
  assert.deepEqual(new Set(state.revisionSet.warm.map(({ revision }) => revision.number)), model.warm);
  assert.equal(state.spec !== undefined && !state.removed, model.exists);
  assert.deepEqual(new Set(state.bad), model.bad);
  assert.equal(state.lastRollout, model.last);
  assert.ok(state.queue.every(({ number }) => number > findLastBegun(state)));
}

const ahead = ({ running, queue }: Model): Item[] => [...(running ? [running] : []), ...queue];

/** What an id that is known is answered with; undefined for a new one. */
function known({ ids }: Model, asked: Request | ServiceCommand, id: string): 'same' | 'conflict' | undefined {
  const before = ids.get(id);
  return before && (before.content === canonicalJson(asked) ? 'same' : 'conflict');
}

function ask(request: Request, id: string): Step {
  return step(`${JSON.stringify(request)} as ${id}`, (model, real) => {
    const before = findAnswer(real.state, askingOf(request, id));
    const expected = known(model, request, id);
    if (before && 'answer' in before) assert.equal(before.answer.receipt?.rollout, model.ids.get(id)?.rollout);
    assert.equal(before && ('answer' in before ? 'same' : 'conflict'), expected);
    if (before) return;
    const facts = {
      now: NOW,
      revision: { number: (request as { to?: number }).to ?? 0, state: 'retired' },
    };
    const decision = decideRequest(real.state, askedOf(real.state, request), { actor: 'ada', requestId: id }, facts);
    if (decision.kind === 'refused') {
      assert.ok(mayRefuse(model, request, real.state), decision.refusal.message);
      return;
    }
    assert.ok(!mustRefuse(model, request), 'was to be refused');
    model.ids.set(id, { content: canonicalJson(request), rollout: decision.receipt.rollout });
    const { state } = real;
    real.state = applyDecision(state, decision, createAnswer(askingOf(request, id), NOW, decision.receipt));
    if (decision.kind === 'answered') {
      const [last] = ahead(model).toReversed();
      assert.ok(decision.receipt.rollout === (last?.number ?? model.last));
      return;
    }
    const { entry } = decision;
    assert.equal(entry.number, model.last + 1);
    const { drop, running } = findSuperseded(real.state, entry);
    const policy = entry.settings.concurrency ?? 'queue';
    const supersedes = policy === 'supersede-queued' || policy === 'supersede-running';
    const isRollback = entry.kind === 'rollback';
    const leaves = ({ kind }: Item): boolean => (supersedes ? kind !== 'remove' : isRollback && kind === 'deploy');
    const leaving = model.queue.filter(leaves);
    assert.deepEqual(
      drop.map(({ number }) => number),
      leaving.map(({ number }) => number),
    );
    const isLeft = isRollback && model.running?.kind === 'deploy' && model.running.to !== entry.to;
    const isPutBack = isLeft || (policy === 'supersede-running' && model.running && model.running.kind !== 'remove');
    assert.equal(running?.number, isPutBack ? model.running?.number : undefined);
    const { receipt } = decision;
    assert.deepEqual([receipt.ends, receipt.drops ?? []], [running?.number, leaving.map(({ number }) => number)]);
    assert.equal(receipt.queuedBehind, ahead(model).length - leaving.length - (running ? 1 : 0));
    for (const { number } of drop) real.state = removeFromQueue(real.state, number);
    // Nothing that waits is begun before it but what leads elsewhere by a person's wish, too.
    const first = real.state.queue.slice(0, -1).map(({ kind }) => kind);
    if (isRollback) assert.ok(!first.includes('deploy'), first.join());
    if (entry.kind === 'rollback') assert.ok(entry.to !== undefined && !model.bad.has(entry.to));
    const item: Item = {
      number: entry.number,
      kind: entry.kind,
      ...(entry.revision ? { artifact: entry.revision.label, to: entry.revision.number } : {}),
      ...(entry.to === undefined ? {} : { to: entry.to }),
    };
    model.queue = [...model.queue.filter((each) => !leaving.includes(each)), item];
    model.last += 1;
    model.exists = true;
  });
}

function mustRefuse(model: Model, request: Request): boolean {
  if (request.kind !== 'apply' && !model.exists) return true;
  return request.kind === 'rollback' && request.to !== undefined && model.bad.has(request.to);
}

function mayRefuse(model: Model, request: Request, { spec: described }: ServiceState): boolean {
  if (mustRefuse(model, request) || request.kind === 'rollback') return true;
  const policy = request.kind === 'apply' ? request.spec.concurrency : described?.settings.concurrency;
  return request.kind !== 'remove' && policy === 'reject' && ahead(model).length > 0;
}

function note(asked: ServiceCommand, id: string): Step {
  return step(`${JSON.stringify(asked)} as ${id}`, (model, real) => {
    const before = findAnswer(real.state, askingOf(asked, id));
    assert.equal(before && ('answer' in before ? 'same' : 'conflict'), known(model, asked, id));
    if (before) return;
    const outcome = decideServiceCommand(real.state, asked);
    const isWaiting = asked.kind === 'drop' && model.queue.some(({ number }) => number === asked.rollout);
    const isUp = asked.kind !== 'drop' && (model.live === asked.revision || model.warm.has(asked.revision));
    const legal = {
      ...{ drop: isWaiting, pin: isUp, unpin: true },
      'mark-bad': isUp && asked.kind === 'mark-bad' && asked.revision !== model.live,
    }[asked.kind];
    assert.equal('state' in outcome, model.exists && legal);
    if ('refusal' in outcome) return;
    real.state = rememberAnswer(outcome.state, createAnswer(askingOf(asked, id), NOW));
    model.ids.set(id, { content: canonicalJson(asked) });
    if (asked.kind === 'drop') model.queue = model.queue.filter(({ number }) => number !== asked.rollout);
    if (asked.kind === 'mark-bad') model.bad.add(asked.revision);
    if (asked.kind === 'pin') assert.ok(outcome.state.pinned?.includes(asked.revision));
    if (asked.kind === 'unpin') assert.ok(!outcome.state.pinned?.includes(asked.revision));
  });
}

const begin = step('begin', (model, real) => {
  const [running, ...queue] = real.state.queue;
  if (!running || real.state.running) return;
  real.state = { ...real.state, running, queue };
  const [item, ...rest] = model.queue;
  if (item) model.running = item;
  model.queue = rest;
});

const end = (succeeds: boolean): Step =>
  step(succeeds ? 'succeed' : 'fail', (model, real) => {
    const { running, ...state } = real.state;
    if (!running) return;
    real.state = state;
    delete model.running;
    if (!succeeds) return;
    if (running.kind === 'remove') {
      real.state = { ...state, revisionSet: { warm: [] }, removed: state.queue.length === 0 };
      delete model.live;
      model.warm.clear();
      model.exists = model.queue.length > 0;
      return;
    }
    const number = running.revision?.number ?? running.to!;
    const revision = running.revision ?? findActive(state.revisionSet, number) ?? { ...base, number };
    const { revisionSet } = promoteRevision(
      state.revisionSet,
      { revision, endpoints: [] },
      running.settings.retention,
      new Date(NOW),
      state.pinned,
    );
    real.state = {
      ...state,
      revisionSet,
      formerly: rememberLive(
        state.formerly,
        state.revisionSet.live?.revision.number,
        number,
        running.kind === 'rollback',
      ),
    };
    const pinned = (each: number): boolean => state.pinned?.includes(each) ?? false;
    const others = [...model.warm, ...(model.live === undefined ? [] : [model.live])].filter((each) => each !== number);
    model.warm = new Set(revisionSet.warm.map((each) => each.revision.number));
    model.live = number;
    for (const each of others.filter(pinned)) assert.ok(model.warm.has(each), `pinned r${each} goes`);
    assert.ok([...model.warm].filter((each) => !pinned(each)).length <= running.settings.retention.warm);
  });

const base = { release: '', label: 'gone' };

const someId = fc.nat(60).map((id) => `id-${id}`);
const number = fc.integer({ min: 1, max: 6 });
const artifact = fc.constantFrom('a', 'b', 'c');
const someRequest: fc.Arbitrary<Request> = fc.oneof(
  fc
    .record({ artifact, concurrency: fc.constantFrom<ConcurrencyPolicy>(...CONCURRENCY_POLICIES), warm: fc.nat(2) })
    .map((options): Request => ({ kind: 'apply', spec: spec(KEY, options) })),
  artifact.map((each): Request => ({ kind: 'deploy', artifact: each })),
  fc
    .option(number, { nil: undefined })
    .map((to): Request => ({ kind: 'rollback', ...(to === undefined ? {} : { to }) })),
  fc.constant<Request>({ kind: 'remove' }),
);
const someNote: fc.Arbitrary<ServiceCommand> = fc.oneof(
  fc.record({ kind: fc.constantFrom('pin' as const, 'unpin' as const, 'mark-bad' as const), revision: number }),
  fc.record({ kind: fc.constant('drop' as const), rollout: fc.integer({ min: 1, max: 12 }) }),
);

describe('a service as a state machine', () => {
  it('does what people take it for, in any order of requests, notes and rollouts', () => {
    const commands = fc.commands(
      [
        fc.tuple(someRequest, someId).map(([request, id]) => ask(request, id)),
        fc.tuple(someNote, someId).map(([asked, id]) => note(asked, id)),
        fc.constant(begin),
        fc.boolean().map(end),
      ],
      { maxCommands: 60, size: 'max' },
    );
    const property = fc.property(commands, (steps) => {
      const model = (): Model => ({
        ...{ exists: false, warm: new Set(), queue: [], bad: new Set(), ids: new Map(), last: 0 },
      });
      fc.modelRun(() => ({ model: model(), real: { state: createServiceState(KEY) } }), steps);
    });
    fc.assert(property, {
      numRuns: Number(FC_RUNS),
      ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
    });
  });
});
