import assert from 'node:assert/strict';
import fc from 'fast-check';

import { act } from '../act.ts';
import type { ServiceCommand } from '../../../src/domain/service/requests.ts';
import { CONCURRENCY_POLICIES } from '../../../src/domain/service/service.ts';
import type { StrategySpec } from '../../../src/domain/service/strategy.ts';
import { ERRORS } from '../../domain/evidence/judge/samples.ts';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import { PHASES } from '../../../src/domain/rollout/rollout.ts';
import { type RolloutVerb, type Stage, VERBS, answerVerb } from '../../../src/domain/rollout/verbs.ts';
import { verdict } from '../../doubles/recording-activities.ts';
import { afterwards, answering, passing, permanent } from '../faults.ts';
import type { ServiceBench } from '../service-bench.ts';
import { type World, answered } from './world.ts';

/** What was asked so far: enough to ask it again. */
export interface Model {
  asked: { id: string; ask: Ask }[];
  notes: number;
}

type Ask =
  | {
      kind: 'apply';
      artifact: string;
      concurrency: (typeof CONCURRENCY_POLICIES)[number];
      bakeMs: number;
      warm: number;
      /** In steps, beside a fresh baseline. */
      beside: boolean;
    }
  | { kind: 'deploy'; artifact: string }
  | { kind: 'rollback'; to?: number }
  | { kind: 'remove' };

const BESIDE: StrategySpec = {
  kind: 'canary',
  steps: [{ weight: 40, bakeMs: 10 }],
  bakeMs: 10,
  analysis: { ...ERRORS, compare: { ...ERRORS.compare!, baseline: 'fresh' } },
};

type Command = fc.AsyncCommand<Model, World>;

function send(desk: ServiceBench, ask: Ask, id: string) {
  switch (ask.kind) {
    case 'apply':
      return desk.apply(ask.artifact, { ...ask, ...(ask.beside ? { strategy: BESIDE } : {}) }, id);
    case 'deploy':
      return desk.deploy(ask.artifact, id);
    case 'rollback':
      return desk.rollback(ask.to, id);
    case 'remove':
      return desk.remove(id);
  }
}

function command(
  name: string,
  run: (model: Model, world: World) => Promise<void>,
  check = (_: Model) => true,
): Command {
  return { check, run, toString: () => name };
}

function isSame(one: Ask, other: Ask): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const artifact = fc.constantFrom('a', 'b', 'c');

const someAsk: fc.Arbitrary<Ask> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('apply' as const),
      artifact,
      concurrency: fc.constantFrom(...CONCURRENCY_POLICIES),
      bakeMs: fc.constantFrom(0, 20),
      warm: fc.constantFrom(0, 1, 2),
      beside: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: artifact.map((each): Ask => ({ kind: 'deploy', artifact: each })) },
  {
    weight: 3,
    arbitrary: fc
      .option(fc.integer({ min: 1, max: 5 }), { nil: undefined })
      .map((to): Ask => ({ kind: 'rollback', ...(to === undefined ? {} : { to }) })),
  },
  { weight: 1, arbitrary: fc.constant<Ask>({ kind: 'remove' }) },
);

const someNote: fc.Arbitrary<ServiceCommand> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('pin' as const, 'unpin' as const, 'mark-bad' as const),
    revision: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ kind: fc.constant('drop' as const), rollout: fc.integer({ min: 1, max: 8 }) }),
);

/** Several at the same moment: each under a new id, the first of them twice. */
const asking = fc
  .record({
    asks: fc.array(someAsk, { minLength: 1, maxLength: 3 }),
    notes: fc.array(someNote, { maxLength: 2 }),
    twice: fc.boolean(),
  })
  .map(({ asks, notes, twice }) =>
    command(`${JSON.stringify([...asks, ...notes])}${twice ? ', the first twice' : ''}`, async (model, world) => {
      const begun = model.asked.length;
      for (const [index, ask] of asks.entries()) model.asked.push({ id: `id-${begun + index}`, ask });
      const fresh = model.asked.slice(begun);
      await Promise.all([
        ...[...fresh, ...(twice ? fresh.slice(0, 1) : [])].map(({ id, ask }) =>
          world.asked(id, send(world.desk, ask, id)),
        ),
        ...notes.map((note, index) => answered(world.desk.note(note, `beside-${begun}-${index}`))),
      ]);
    }),
  );

const repeating = fc.record({ nth: fc.nat(9), other: someAsk }).map(({ nth, other }) =>
  command(
    `again #${nth}, then ${JSON.stringify(other)} under its id`,
    async (model, world) => {
      const { id, ask } = model.asked[nth % model.asked.length]!;
      const before = world.receipts.get(id);
      const receipt = await world.asked(id, send(world.desk, ask, id));
      if (before) assert.deepEqual(receipt, before);
      if (receipt && !isSame(ask, other)) assert.equal(await answered(send(world.desk, other, id)), undefined);
    },
    ({ asked }) => asked.length > 0,
  ),
);

const noting = someNote.map((note) =>
  command(JSON.stringify(note), async (model, world) => {
    model.notes += 1;
    const id = `note-${model.notes}`;
    const told = await answered(world.desk.note(note, id));
    if (told !== undefined) assert.equal(await answered(world.desk.note(note, id)), told);
  }),
);

/** The table's answer for where the rollout was before, after, or in between. */
function mayBe(
  verb: RolloutVerb,
  before: RolloutStatus,
  after: RolloutStatus | undefined,
): { legal: boolean; refused: boolean } {
  const [from, to] = [PHASES.indexOf(before.phase), after ? PHASES.indexOf(after.phase) : PHASES.length - 1];
  const stages: Stage[] = [
    ...PHASES.slice(from, Math.max(from, to) + 1),
    ...((after?.outcome ?? !after) ? (['closed'] as const) : []),
  ];
  const rules = stages.flatMap((stage) =>
    [before, ...(after ? [after] : [])].flatMap(({ paused }) =>
      [false, true].map((aborting) => answerVerb(verb, stage, { paused, aborting })),
    ),
  );
  return { legal: rules.some(({ legal }) => legal), refused: rules.some(({ legal }) => !legal) };
}

const acting = fc.constantFrom(...VERBS.filter((verb): verb is RolloutVerb => verb !== 'rollback')).map((verb) =>
  command(verb, async (_model, world) => {
    const running = (await world.status())?.running;
    if (running === undefined) return;
    const handle = world.desk.rollout(running);
    const look = () => handle.query<RolloutStatus>('status').catch(() => undefined);
    const before = await look();
    if (!before) return;
    const told = await answered(act(world.bench, handle, verb));
    const may = mayBe(verb, before, await look());
    assert.ok(told === undefined ? may.refused : may.legal, `${verb} in ${before.phase}: ${told ?? 'refused'}`);
  }),
);

const STEPS = ['provision', 'check', 'bake', 'destroy'] as const;
const holding = fc
  .constantFrom(...STEPS)
  .map((step) => command(`hold ${step}`, async (_model, world) => world.hold(step)));
const releasing = fc.constant(command('release', async (_model, world) => world.release()));

/** Steps fail once, before or after they took effect, or for good where a rollout has an answer to that. */
const failing = fc
  .oneof(
    fc.record({
      step: fc.constantFrom('open', 'shift', 'settle', 'close', 'accept', 'drop', 'mark', 'recall', 'drain', 'destroy'),
      how: fc.constantFrom('passing', 'late'),
    }),
    fc.record({ step: fc.constantFrom('provision'), how: fc.constantFrom('permanent', 'passing', 'late') }),
    fc.record({ step: fc.constantFrom('check', 'bake'), how: fc.constant('verdict') }),
  )
  .map(({ step, how }) =>
    command(`${step}: ${how}`, async (_model, world) => {
      const failed = verdict('home', 1, 'fail');
      const act = {
        passing: passing(),
        late: afterwards(passing()),
        permanent: permanent('StackFailed'),
        verdict: answering(step === 'bake' ? [failed] : failed),
      }[how];
      world.activities.on(step, act);
    }),
  );

const terminating = fc.constantFrom('service', 'rollout').map((what) =>
  command(`terminate the ${what}`, async (_model, world) => {
    const running = (await world.status())?.running;
    const handle = what === 'service' ? world.desk.handle : running !== undefined && world.desk.rollout(running);
    if (handle) await handle.terminate().catch(() => undefined);
  }),
);

const restarting = fc.constant(
  command('restart the workers', async (_model, world) => {
    world.release();
    await world.bench.restart();
  }),
);

/** Sequences of everything that may happen to a service. */
export function someCommands(maxCommands: number) {
  const weighted: [number, fc.Arbitrary<Command>][] = [
    [8, asking],
    [3, repeating],
    [4, noting],
    [4, acting],
    [3, holding],
    [2, releasing],
    [4, failing],
    [1, terminating],
    [1, restarting],
  ];
  return fc.commands(
    weighted.flatMap(([times, arbitrary]) => Array.from({ length: times }, () => arbitrary)),
    { maxCommands, size: 'max' },
  );
}
