import fc from 'fast-check';
import { GATE_ACTIONS, type GateSpec } from '../../../src/domain/gates/gate.ts';
import { approvalGate, windowGate } from '../../domain/gates/samples.ts';
import type { DrawnGate } from './gate-rules.ts';

/** Some sequences ask before that, and some after it. */
const SOON_MS = 400;
const DAY_MS = 86_400_000;

const place: fc.Arbitrary<Pick<DrawnGate, 'before' | 'step'>> = fc.oneof(
  fc.constant({ before: 'provision' as const }),
  fc.constantFrom(1, 2, 3, 'every' as const).map((step) => ({ before: 'shift' as const, step })),
  fc.constant({ before: 'settle' as const }),
);

const opens: fc.Arbitrary<DrawnGate['opens']> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ least: fc.constantFrom(1 as const, 2 as const), withRequester: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant('at once' as const) },
  { weight: 1, arbitrary: fc.constant('never' as const) },
);

const expires: fc.Arbitrary<Pick<DrawnGate, 'expires'>> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constantFrom(...GATE_ACTIONS).map((then) => ({ expires: then })) },
);

const gate: fc.Arbitrary<DrawnGate> = fc
  .tuple(place, opens, expires)
  .map(([where, how, end]): DrawnGate => ({ ...where, opens: how, ...end }));

/** Two sequences of five have gates. */
export const gates: fc.Arbitrary<DrawnGate[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<DrawnGate[]>([]) },
  { weight: 2, arbitrary: fc.array(gate, { minLength: 1, maxLength: 2 }) },
);

/** A gate as a service has it, which a stop of changes is not. */
export function buildGate({ before, step, opens: how, expires: then }: DrawnGate, index: number): GateSpec {
  const where = { name: `g${index + 1}`, before, ...(step === undefined ? {} : { step }) };
  const more = { ...where, ...(then === undefined ? {} : { then, expiresAfterMs: SOON_MS }) };
  if (typeof how === 'object') {
    return approvalGate({ ...more, least: how.least, notRequester: !how.withRequester });
  }
  // Once, for a minute, years ago.
  const rule =
    how === 'at once' ? { rule: 'FREQ=DAILY', forMs: DAY_MS } : { rule: 'FREQ=DAILY;COUNT=1', forMs: 60_000 };
  return windowGate({ ...more, allow: [rule] });
}
