import fc from 'fast-check';
import type { StrategySpec } from '../../../src/domain/service/strategy.ts';
import { VERBS } from '../../../src/domain/rollout/verbs.ts';
import { COLUMNS, SITUATIONS } from './cells.ts';
import type { DrawnGate } from './gate-rules.ts';
import { type Ask, type Mode, type Sequence, type Situation, sequence } from './sequence.ts';

const BAKE_MS = 5;
const ONE_STEP: StrategySpec = { kind: 'blue-green', bakeMs: BAKE_MS };
const THREE_STEPS: StrategySpec = {
  kind: 'canary',
  steps: [10, 50].map((weight) => ({ weight, bakeMs: BAKE_MS })),
  bakeMs: BAKE_MS,
};

/** So many sequences are drawn from one seed. */
export const BATCH = 200;

/**
 * With their numbers. Every second one has a cell of the report for its first aim, one after the other, seed after seed: left
 * to chance the rarest is not met once in thousands.
 */
export function drawSequences(seed: number, runs: number): [number, Sequence][] {
  const cell = (number: number): number => (seed * BATCH + number - 1) / 2;
  return fc
    .sample(sequence, { seed, numRuns: runs })
    .map((drawn, number) => [number, number % 2 === 1 ? steer(drawn, cell(number)) : drawn]);
}

/**
 * The sequence with that aim. All else stays as it was drawn, as far as it does not keep the rollout from getting there.
 *
 * @param cell its number; those that are beyond the last one begin anew
 */
function steer(drawn: Sequence, cell: number): Sequence {
  const { place, mode } = SITUATIONS[Math.floor(cell / COLUMNS.length) % SITUATIONS.length]!;
  const ask = readAsk(COLUMNS[cell % COLUMNS.length]!);
  const { fault: _fault, aims, gates, ...rest } = drawn;
  const more = aims[0]?.rounds.slice(1) ?? [];
  return {
    ...rest,
    ...{ subject: 'deploy', holds: 'all', isStopped: false },
    gates: findGates(place, mode) ?? gates.filter(({ expires }) => expires === undefined),
    ...(mode === 'frozen' ? { freezes: true, ...findFault(place) } : {}),
    ...(place.includes('step') ? { strategy: place.includes('the only') ? ONE_STEP : THREE_STEPS } : {}),
    // What goes is torn down.
    ...(place === 'teardown' ? { warm: 0 } : {}),
    aims: [{ place, mode, rounds: [[ask], ...more] }],
  };
}

/** What fails where a rollout is to be frozen; a gate does by its expiry. */
function findFault(place: Situation): Pick<Sequence, 'fault'> {
  if (!place.startsWith('bake')) return {};
  const nth = place.includes('a middle') ? 1 : place.includes('the last') ? 2 : 0;
  return { fault: { step: 'bake', nth, verdict: 'fail' } };
}

/** Two have to approve, so that one may. Undefined where none is aimed at. */
function findGates(place: Situation, mode: Mode): DrawnGate[] | undefined {
  const [, where] = /^gate before (.+)$/.exec(place) ?? [];
  if (where === undefined) return undefined;
  const opens = { least: 2, withRequester: false } as const;
  const ends = mode === 'frozen' ? { expires: 'rollback' as const } : {};
  if (where === 'provision' || where === 'settle') return [{ before: where, opens, ...ends }];
  const step = where.startsWith('a middle') ? 2 : where.startsWith('the last') ? 3 : 1;
  return [{ before: 'shift', step, opens, ...ends }];
}

function readAsk(column: string): Ask {
  const [name, how] = column.split(' --');
  const what = VERBS.find((verb) => verb === name)!;
  return {
    what,
    ...(how === 'full' ? { full: true } : {}),
    ...(how === 'break-glass' ? { breakGlass: true } : {}),
    ...(what === 'approve' ? { by: 'bob' } : {}),
  };
}
