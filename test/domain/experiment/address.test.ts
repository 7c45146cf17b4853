import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  type AddressFacts,
  type AddressRoute,
  type Claimant,
  decideClosing,
  decideOpening,
} from '../../../src/domain/experiment/address.ts';
import type { Endpoint } from '../../../src/domain/service/revision.ts';

const PORT = 8090;

function endpointOf(run: number): Endpoint {
  return { host: '127.0.0.1', port: 40_000 + run };
}

function claimant(run: number, isThere = true): Claimant {
  return { run, port: PORT, endpoints: isThere ? [endpointOf(run)] : [] };
}

function leadsTo(run: number, generation: number): AddressFacts['seen'] {
  return { generation, targets: [{ revision: run, endpoints: [endpointOf(run)], weight: 100 }] };
}

const CLOSED = { generation: 3002, targets: [] };

function facts(run: number, over: Partial<AddressFacts> = {}): AddressFacts {
  return { run, others: [], ending: [], ...over };
}

function open(given: AddressFacts) {
  const opening = decideOpening(given, claimant(given.run));
  return opening.kind === 'take' ? ['take', opening.route.generation, opening.route.targets[0]?.revision] : opening;
}

describe('who gets the address of a variant', () => {
  it('is who asks, where nobody has it, under a number of its own', () => {
    assert.deepEqual(open(facts(3)), ['take', 3001, 3]);
    assert.deepEqual(open(facts(3, { seen: CLOSED })), ['take', 3003, 3]);
  });

  it('is who has it already', () => {
    assert.deepEqual(open(facts(3, { seen: leadsTo(3, 3001) })), { kind: 'has' });
  });

  it('is the later of two', () => {
    assert.deepEqual(open(facts(3, { seen: leadsTo(2, 2001), others: [claimant(2)] })), ['take', 3001, 3]);
    const overtaken = facts(2, { seen: leadsTo(3, 3001), others: [claimant(3)] });
    assert.deepEqual(open(overtaken), { kind: 'overtaken', by: 3 });
  });

  it('is the earlier one where the later one ends, or has given it up', () => {
    assert.deepEqual(open(facts(2, { seen: leadsTo(3, 3001), ending: [3] })), ['take', 3002, 2]);
    assert.deepEqual(open(facts(2, { seen: CLOSED })), ['take', 3003, 2]);
    // It was lost: nobody gives it up.
    assert.deepEqual(open(facts(2, { seen: leadsTo(3, 3001) })), ['take', 3002, 2]);
  });
});

describe('what becomes of the address when a run ends', () => {
  it('is that it is closed, and removed, where nobody else goes on', () => {
    assert.deepEqual(decideClosing(facts(3, { seen: leadsTo(3, 3001) })), {
      kind: 'close',
      route: { generation: 3002, targets: [] },
    });
    assert.deepEqual(decideClosing(facts(3, { seen: CLOSED })), { kind: 'remove', generation: 3003 });
    assert.deepEqual(decideClosing(facts(3)), { kind: 'remove', generation: 3003 });
  });

  it('is nothing where a later run has taken it over', () => {
    const given = facts(2, { seen: leadsTo(3, 3001), others: [claimant(3)] });
    assert.deepEqual(decideClosing(given), { kind: 'leave' });
    // It ends as well, and looks after it.
    assert.deepEqual(decideClosing(facts(2, { seen: leadsTo(3, 3001), ending: [3] })), { kind: 'leave' });
  });

  it('is nothing where the run never had it, and an earlier one goes on', () => {
    const given = facts(3, { seen: leadsTo(2, 2001), others: [claimant(2)] });
    assert.deepEqual(decideClosing(given), { kind: 'leave' });
    assert.deepEqual(decideClosing(facts(3, { others: [claimant(2, false)] })), { kind: 'leave' });
  });

  it('is that an earlier run has it back, which goes on and was not told to end', () => {
    const given = facts(3, { seen: leadsTo(3, 3001), others: [claimant(1), claimant(2)] });
    assert.deepEqual(decideClosing(given), {
      kind: 'hand-back',
      to: 2,
      route: { generation: 3002, port: PORT, targets: [{ revision: 2, endpoints: [endpointOf(2)], weight: 100 }] },
    });
  });

  it('is that it is closed for now, where one may still come', () => {
    const others = [claimant(2, false)];
    assert.equal(decideClosing(facts(3, { seen: leadsTo(3, 3001), others })).kind, 'close');
    assert.deepEqual(decideClosing(facts(3, { seen: CLOSED, others })), { kind: 'leave' });
  });

  it('is that it is taken from whom it was handed to, where that was told to end meanwhile', () => {
    const seen = leadsTo(2, 3002);
    assert.deepEqual(decideClosing(facts(3, { seen, ending: [2] })), { kind: 'leave' });
    assert.equal(decideClosing(facts(3, { seen, ending: [2] }), [2]).kind, 'close');
  });
});

interface Run {
  run: number;
  state: 'making' | 'opening' | 'holding' | 'ending' | 'closing' | 'over';
  /** On record where its variant is. */
  isThere: boolean;
  stopped: boolean;
  given: number[];
  /** What it has seen, and is about to act on. */
  look?: { facts: AddressFacts; decision: ReturnType<typeof decideOpening> | ReturnType<typeof decideClosing> };
}

/** A router with its rule about numbers, and runs that look and write in two steps between which anything may happen. */
class World {
  readonly runs: Run[] = [];
  generation = 0;
  route: AddressRoute | undefined;

  come(): void {
    const run = this.runs.length + 1;
    this.runs.push({ run, state: 'making', isThere: false, stopped: false, given: [] });
  }

  /** One step of a run. */
  step(run: Run): void {
    switch (run.state) {
      case 'making':
        if (run.stopped) run.state = 'closing';
        else {
          run.isThere = true;
          run.state = 'opening';
        }
        return;
      case 'opening':
        if (run.stopped && !run.look) run.state = 'closing';
        else this.#actOrLook(run, (given) => decideOpening(given, claimant(run.run)));
        return;
      case 'holding':
        if (run.stopped) run.state = 'closing';
        else for (const each of this.runs) if (each.run < run.run && each.state !== 'over') each.stopped = true;
        return;
      case 'closing':
        this.#actOrLook(run, (given) => decideClosing(given, run.given));
        return;
      case 'ending':
        run.state = 'over';
        return;
      case 'over':
    }
  }

  #actOrLook(run: Run, decide: (given: AddressFacts) => NonNullable<Run['look']>['decision']): void {
    const { look } = run;
    if (!look) {
      const given = this.#factsOf(run);
      run.look = { facts: given, decision: decide(given) };
      return;
    }
    delete run.look;
    this.#act(run, look.decision);
  }

  #act(run: Run, decision: NonNullable<Run['look']>['decision']): void {
    switch (decision.kind) {
      case 'has':
      case 'overtaken':
        run.state = run.stopped ? 'closing' : 'holding';
        return;
      case 'take':
        if (this.#write(decision.route)) run.state = run.stopped ? 'closing' : 'holding';
        return;
      case 'leave':
        run.state = 'ending';
        return;
      case 'hand-back':
        if (this.#write(decision.route)) run.given.push(decision.to);
        return;
      case 'close':
        this.#write(decision.route);
        return;
      case 'remove':
        if (decision.generation <= this.generation && this.route) return;
        this.generation = Math.max(this.generation, decision.generation);
        this.route = undefined;
        run.state = 'ending';
    }
  }

  #write(route: AddressRoute): boolean {
    if (route.generation <= this.generation) return false;
    this.generation = route.generation;
    this.route = route;
    return true;
  }

  #factsOf(run: Run): AddressFacts {
    const open = this.runs.filter((each) => each !== run && each.state !== 'over');
    return {
      run: run.run,
      seen: this.route && { generation: this.generation, targets: this.route.targets },
      others: open.filter(({ stopped }) => !stopped).map((each) => claimant(each.run, each.isThere)),
      ending: open.filter(({ stopped }) => stopped).map((each) => each.run),
    };
  }

  get leader(): number | undefined {
    return this.route?.targets.find(({ weight }) => weight > 0)?.revision;
  }
}

describe('runs that take the address from each other, and end, in any order', () => {
  // Some are fast, and some are not heard of for a while.
  const step = fc.record({
    what: fc.constantFrom('come', 'step', 'step', 'step', 'stop'),
    which: fc.nat(9),
    times: fc.integer({ min: 1, max: 6 }),
  });

  it('lead to none whose stack is gone, to one that holds as long as one does, and leave nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), fc.integer({ min: 2, max: 5 }), (steps, most) => {
        const world = new World();
        const check = (): void => {
          const leader = world.runs.find(({ run }) => run === world.leader);
          // Who handed it over sees that with its next look.
          const isSeen = world.runs.some(({ given, state }) => state === 'closing' && given.includes(leader?.run ?? 0));
          assert.ok(leader?.state !== 'over' || isSeen, `the address leads to run ${leader?.run}, which is gone`);
        };
        for (const { what, which, times } of steps) {
          const run = world.runs[which % Math.max(1, world.runs.length)];
          if (what === 'come' && world.runs.length < most) world.come();
          else if (what === 'stop' && run) run.stopped = true;
          else if (run) for (let time = 0; time < times; time += 1) world.step(run);
          check();
        }
        const settle = (): void => {
          for (let round = 0; round < 60; round += 1) {
            for (const run of world.runs) world.step(run);
            check();
          }
        };
        settle();
        const holding = world.runs.filter(({ state }) => state === 'holding');
        assert.ok(
          world.runs.every(({ state }) => state === 'holding' || state === 'over'),
          'a run waits for ever',
        );
        if (holding.length > 0) assert.equal(world.leader, holding.at(-1)?.run, 'the last that holds has no address');
        for (const run of world.runs) run.stopped = true;
        settle();
        assert.ok(world.runs.every(({ state }) => state === 'over'));
        assert.equal(world.route, undefined, 'a route is left');
      }),
      { numRuns: 6_000 },
    );
  });
});
