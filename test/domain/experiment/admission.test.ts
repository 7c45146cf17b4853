import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  type AdmissionQuestion,
  type CountedRun,
  countRun,
  decideAdmission,
} from '../../../src/domain/experiment/admission.ts';
import { OVERLAPS, type Overlap } from '../../../src/domain/experiment/experiment.ts';
import { RUN_PHASES, type RunStatus } from '../../../src/domain/experiment/run.ts';

const NOW = new Date('2026-01-02T12:00:00.000Z');
const HOUR_MS = 3_600_000;

function variants(count: number): AdmissionQuestion['spec']['variants'] {
  const blueprint = { name: 'local-process', config: {} };
  return Array.from({ length: count }, (_, index) => ({
    name: `v${index}`,
    source: { kind: 'release', artifact: 'command', blueprint },
  }));
}

function ask(over: Partial<AdmissionQuestion> = {}, spec: Partial<AdmissionQuestion['spec']> = {}) {
  const all = { variants: variants(2), overlap: 'skip' as Overlap, budget: {}, ttlMs: HOUR_MS, ...spec };
  return decideAdmission({ run: 10, spec: all, open: [], over: [], now: NOW, ...over });
}

function open(run: number, over: Partial<CountedRun> = {}): CountedRun {
  return { run, stacks: 2, mayHoldMs: HOUR_MS, ...over };
}

function hoursAgo(hours: number): string {
  return new Date(NOW.getTime() - hours * HOUR_MS).toISOString();
}

describe('whether a run begins', () => {
  it('is so where nothing else goes on, whatever the overlap', () => {
    for (const overlap of OVERLAPS) assert.deepEqual(ask({}, { overlap }), { kind: 'begin' });
  });

  it('does not depend on those that came later, nor on itself', () => {
    for (const overlap of OVERLAPS) {
      assert.deepEqual(ask({ open: [open(10), open(11)] }, { overlap, budget: { stacks: 2 } }), { kind: 'begin' });
    }
  });

  it('follows from the overlap where another one goes on', () => {
    const one = { open: [open(8)] };
    const skipped = 'run 8 goes on: with overlap skip this one does not take place';
    assert.deepEqual(ask(one, { overlap: 'skip' }), { kind: 'skip', because: skipped });
    assert.deepEqual(ask(one, { overlap: 'buffer-one' }), { kind: 'wait', behind: 8 });
    assert.deepEqual(ask(one, { overlap: 'replace' }), { kind: 'replace', runs: [8] });
    assert.deepEqual(ask(one, { overlap: 'allow' }), { kind: 'begin' });
    assert.deepEqual(ask(one, { overlap: 'hand-over' }), { kind: 'begin' });
    const two = { open: [open(9), open(8)] };
    const buffered = 'run 8 goes on, and 1 run waits behind it: with overlap buffer-one this one does not take place';
    assert.deepEqual(ask(two, { overlap: 'buffer-one' }), { kind: 'skip', because: buffered });
    assert.deepEqual(ask(two, { overlap: 'replace' }), { kind: 'replace', runs: [8, 9] });
  });

  it('is not so beyond the budget, and the answer has the figures', () => {
    const tooMany = ask({}, { budget: { stacks: 1 } });
    assert.deepEqual(tooMany, { kind: 'skip', because: 'it needs 2 stacks, and its budget is 1 at the same time' });
    const beside = ask({ open: [open(8), open(9, { stacks: 1 })] }, { overlap: 'allow', budget: { stacks: 4 } });
    assert.deepEqual(beside, {
      kind: 'skip',
      because: 'it needs 2 stacks beside 3 of 2 other runs, and its budget is 4 at the same time',
    });
    assert.deepEqual(ask({ open: [open(8)] }, { overlap: 'allow', budget: { stacks: 4 } }), { kind: 'begin' });
    // Of a hand-over both have stacks at the same time.
    assert.deepEqual(ask({ open: [open(8)] }, { overlap: 'hand-over', budget: { stacks: 4 } }), { kind: 'begin' });
    assert.deepEqual(ask({ open: [open(8)] }, { overlap: 'hand-over', budget: { stacks: 3 } }), {
      kind: 'skip',
      because: 'it needs 2 stacks beside 2 of 1 other run, and its budget is 3 at the same time',
    });
  });

  it('counts stack-hours of the last 24 hours only, and what goes on as long as it may', () => {
    const day = { overlap: 'allow', budget: { stackHoursPerDay: 5 } } as const;
    const over = [
      open(1, { heldFrom: hoursAgo(50), heldTo: hoursAgo(25) }),
      // Of its two hours one counts: two stack-hours.
      open(2, { heldFrom: hoursAgo(25), heldTo: hoursAgo(23) }),
      // It never had a stack.
      open(3, { heldTo: hoursAgo(1) }),
    ];
    assert.deepEqual(ask({ over }, day), { kind: 'begin' });
    const goesOn = open(4, { stacks: 1, heldFrom: hoursAgo(0.5), mayHoldMs: HOUR_MS });
    assert.deepEqual(ask({ over, open: [goesOn] }, day), {
      kind: 'skip',
      because:
        'it could take 2 stack-hours (2 stacks for its TTL), 3.5 stack-hours of the last 24 hours are spent or ' +
        'promised, and its budget is 5 stack-hours a day',
    });
  });

  it('takes exactly what the budget has', () => {
    assert.deepEqual(ask({}, { budget: { stacks: 2, stackHoursPerDay: 2 } }), { kind: 'begin' });
    assert.equal(ask({}, { budget: { stackHoursPerDay: 1.99 } }).kind, 'skip');
  });
});

describe('what is counted of a run', () => {
  const status: RunStatus = {
    ...{ experiment: { name: 'nightly', environment: 'production' }, run: 3, trigger: 'person', actor: 'ada' },
    ...{ startedAt: hoursAgo(2), deadlineAt: hoursAgo(-1), phase: 'lease', variants: [] },
    phases: RUN_PHASES.map((phase) => ({ phase, state: 'pending' })),
  };

  it('is all it may take as long as it has no stacks, and what is left of that once it has', () => {
    assert.deepEqual(countRun({ status, stacks: 2 }, NOW), { run: 3, stacks: 2, mayHoldMs: 3 * HOUR_MS });
    const phases = status.phases.map((each) =>
      each.phase === 'provision' ? { ...each, state: 'running' as const, startedAt: hoursAgo(1) } : each,
    );
    const holding = countRun({ status: { ...status, phases }, stacks: 2 }, NOW);
    assert.deepEqual(holding, { run: 3, stacks: 2, heldFrom: hoursAgo(1), mayHoldMs: HOUR_MS });
    const ended = countRun({ status: { ...status, phases, endedAt: hoursAgo(0.5) }, stacks: 2 }, NOW);
    assert.deepEqual([ended.heldFrom, ended.heldTo], [hoursAgo(1), hoursAgo(0.5)]);
  });
});

/** A world of runs that come, look when they please, and go. */
interface World {
  runs: { stacks: number; state: 'asking' | 'waiting' | 'holding' | 'over' }[];
}

describe('runs that come and go in any order', () => {
  const step = fc.record({
    what: fc.constantFrom('come', 'look', 'go'),
    which: fc.nat(20),
    stacks: fc.integer({ min: 1, max: 3 }),
  });

  for (const overlap of OVERLAPS) {
    it(`never have more stacks than the budget, nor overlap unless they may, nor wait for each other: ${overlap}`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (steps, budget) => {
          const world: World = { runs: [] };
          for (const each of steps) take(world, each, overlap, budget);
          // Whoever goes on comes to its end one day; then nobody waits for ever.
          for (let left = world.runs.length * 3; left > 0; left -= 1) {
            world.runs.forEach((run, which) => {
              take(world, { what: run.state === 'holding' ? 'go' : 'look', which, stacks: 1 }, overlap, budget);
            });
          }
          assert.ok(world.runs.every(({ state }) => state === 'over'));
        }),
        { numRuns: 300 },
      );
    });
  }

  function take(
    { runs }: World,
    { what, which, stacks }: { what: string; which: number; stacks: number },
    overlap: Overlap,
    budget: number,
  ): void {
    const run = runs[which % Math.max(1, runs.length)];
    if (what === 'come') runs.push({ stacks, state: 'asking' });
    else if (what === 'go' && run?.state === 'holding') run.state = 'over';
    else if (what === 'look' && run && (run.state === 'asking' || run.state === 'waiting')) {
      const decision = decideAdmission({
        run: runs.indexOf(run) + 1,
        spec: { variants: variants(run.stacks), overlap, budget: { stacks: budget }, ttlMs: HOUR_MS },
        open: runs.flatMap((each, index) =>
          each.state === 'over' ? [] : [{ run: index + 1, stacks: each.stacks, mayHoldMs: HOUR_MS }],
        ),
        over: [],
        now: NOW,
      });
      if (decision.kind === 'begin') run.state = 'holding';
      else if (decision.kind === 'skip') {
        run.state = 'over';
        assert.match(decision.because, /\d/);
      } else {
        run.state = 'waiting';
        const behind = decision.kind === 'wait' ? [decision.behind] : decision.runs;
        assert.ok(behind.length > 0 && behind.every((number) => number < runs.indexOf(run) + 1));
      }
      if (decision.kind === 'replace') {
        for (const number of decision.runs) if (runs[number - 1]!.state !== 'holding') runs[number - 1]!.state = 'over';
      }
    }
    const holding = runs.filter(({ state }) => state === 'holding');
    assert.ok(holding.reduce((sum, each) => sum + each.stacks, 0) <= budget);
    const mayOverlap = overlap === 'allow' || overlap === 'hand-over';
    if (!mayOverlap) assert.ok(holding.length <= 1, 'two go on at once');
    // One that has nobody before it any more has only not looked yet.
    const isOpen = ({ state }: World['runs'][number]): boolean => state !== 'over';
    const waiting = runs.filter(({ state }, index) => state === 'waiting' && runs.slice(0, index).some(isOpen));
    if (overlap === 'buffer-one') assert.ok(waiting.length <= 1, 'two wait');
  }
});
