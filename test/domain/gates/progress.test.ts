import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type GateSpec, findGates, pickGates } from '../../../src/domain/gates/gate.ts';
import { type GateProgress, type StopGate, expiryOf, judgePoint } from '../../../src/domain/gates/progress.ts';
import { buildGateStatus, buildGateWait } from '../../../src/domain/gates/status.ts';
import type { RolloutKind } from '../../../src/domain/rollout/rollout.ts';
import { findStop } from '../../../src/domain/gates/stop.ts';
import { approvalGate, arrived, windowGate } from './samples.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const MINUTE_MS = 60_000;
const at = (ms: number): string => new Date(ms).toISOString();
const STOP: StopGate = {
  ...{
    kind: 'change-stop',
    name: 'change-stop',
    before: 'provision',
    expiresAfterMs: 60 * MINUTE_MS,
    then: 'rollback',
  },
};
const yes = (actor: string) => ({ actor, at: at(NOW) });

describe('a point of a rollout', () => {
  const rows: [what: string, gates: GateProgress[], now: number, verdict: Partial<ReturnType<typeof judgePoint>>][] = [
    ['without gates', [], NOW, { kind: 'pass' }],
    ['with an approval that is missing', [arrived(approvalGate(), NOW)], NOW, { kind: 'wait', until: NOW + 3_600_000 }],
    ['with one that is there', [arrived(approvalGate(), NOW, { approvals: [yes('bob')] })], NOW, { kind: 'pass' }],
    [
      'with one that came in time, looked at late',
      [arrived(approvalGate(), NOW, { approvals: [yes('bob')] })],
      NOW + 9 * 3_600_000,
      { kind: 'pass' },
    ],
    ['with a window nobody has looked at', [arrived(windowGate(), NOW)], NOW, { kind: 'look' }],
    [
      'with a closed window',
      [arrived(windowGate(), NOW, { lookedAt: at(NOW), window: { isOpen: false, until: at(NOW + MINUTE_MS) } })],
      NOW,
      { kind: 'wait', until: NOW + MINUTE_MS },
    ],
    [
      'with a window that opens after it expires',
      [arrived(windowGate(), NOW, { lookedAt: at(NOW), window: { isOpen: false, until: at(NOW + 9 * 3_600_000) } })],
      NOW,
      { kind: 'wait', until: NOW + 3_600_000 },
    ],
    [
      'with a window that was open when it was looked at',
      [arrived(windowGate(), NOW, { lookedAt: at(NOW), window: { isOpen: true, until: at(NOW + MINUTE_MS) } })],
      NOW + MINUTE_MS,
      { kind: 'look' },
    ],
    [
      'with an open window beside a missing approval',
      [
        arrived(windowGate(), NOW, { lookedAt: at(NOW), window: { isOpen: true, until: at(NOW + MINUTE_MS) } }),
        arrived(approvalGate(), NOW),
      ],
      NOW + 2 * MINUTE_MS,
      { kind: 'wait', until: NOW + 3_600_000 },
    ],
    ['whose gate has expired', [arrived(approvalGate(), NOW)], NOW + 3_600_000, { kind: 'end' }],
    [
      'whose gate has expired, and that goes on then',
      [arrived(approvalGate({ then: 'proceed' }), NOW)],
      NOW + 3_600_000,
      { kind: 'pass' },
    ],
    ['with a stop that nobody has looked up', [arrived(STOP, NOW)], NOW, { kind: 'look' }],
    [
      'with a stop that is set',
      [arrived(STOP, NOW, { lookedAt: at(NOW), stop: { actor: 'ada', reason: 'x', since: at(NOW) } })],
      NOW,
      { kind: 'wait', until: NOW + 5 * MINUTE_MS },
    ],
    [
      'with a stop that ends by itself',
      [
        arrived(STOP, NOW, {
          lookedAt: at(NOW),
          stop: { actor: 'a', reason: 'x', since: at(NOW), until: at(NOW + 9) },
        }),
      ],
      NOW,
      { kind: 'wait', until: NOW + 9 },
    ],
    ['whose stop is lifted', [arrived(STOP, NOW, { lookedAt: at(NOW) })], NOW, { kind: 'pass' }],
  ];
  for (const [what, gates, now, wanted] of rows) {
    it(`${what}: ${wanted.kind}`, () => assert.partialDeepStrictEqual(judgePoint(gates, now), wanted));
  }

  it('never waits for what is over, nor beyond what expires first, nor passes what is closed', () => {
    const minutes = fc.integer({ min: -120, max: 240 });
    const some: fc.Arbitrary<GateProgress> = fc
      .record({
        kind: fc.constantFrom('approval', 'window', 'stop'),
        then: fc.constantFrom('rollback' as const, 'proceed' as const),
        expires: fc.integer({ min: 1, max: 180 }),
        isOpen: fc.boolean(),
        looked: fc.boolean(),
        until: fc.option(minutes, { nil: undefined }),
      })
      .map(({ kind, then, expires, isOpen, looked, until }) => {
        const terms = { then, expiresAfterMs: expires * MINUTE_MS };
        if (kind === 'approval') return arrived(approvalGate(terms), NOW, { approvals: isOpen ? [yes('bob')] : [] });
        const lookedAt = looked ? { lookedAt: at(NOW) } : {};
        const end = until === undefined ? {} : { until: at(NOW + until * MINUTE_MS) };
        if (kind === 'window') {
          return arrived(windowGate(terms), NOW, { ...lookedAt, ...(looked ? { window: { isOpen, ...end } } : {}) });
        }
        const stop = { actor: 'ada', reason: 'x', since: at(NOW), ...end };
        return arrived(STOP, NOW, { ...lookedAt, ...(looked && !isOpen ? { stop } : {}) });
      });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 5 }), fc.integer({ min: 0, max: 240 }), (gates, after) => {
        const now = NOW + after * MINUTE_MS;
        const verdict = judgePoint(gates, now);
        const states = gates.map((gate) => buildGateStatus(gate, now));
        const wait = buildGateWait(states);
        switch (verdict.kind) {
          case 'pass':
            assert.ok(
              states.every(({ state, then }) => state === 'open' || (state === 'expired' && then === 'proceed')),
            );
            break;
          case 'wait':
            assert.ok(verdict.until > now);
            assert.ok(wait && verdict.until <= Date.parse(wait.until!));
            break;
          case 'look':
            assert.ok(verdict.at.length > 0 && verdict.at.every(({ gate }) => gate.kind !== 'approval'));
            break;
          case 'end':
            assert.ok(now >= expiryOf(verdict.at) && verdict.at.gate.then === 'rollback');
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the gates of a point', () => {
  it('are those before its phase, and of a shift those of its step', () => {
    const gates: GateSpec[] = [
      approvalGate({ name: 'first' }),
      approvalGate({ name: 'second', step: 2 }),
      windowGate({ name: 'each', step: 'every' }),
      approvalGate({ name: 'early', before: 'provision' }),
    ];
    const names = (...point: [GateSpec['before'], number?]) => findGates(gates, ...point).map(({ name }) => name);
    assert.deepEqual(names('shift', 1), ['first', 'each']);
    assert.deepEqual(names('shift', 2), ['second', 'each']);
    assert.deepEqual(names('shift', 3), ['each']);
    assert.deepEqual(names('provision'), ['early']);
    assert.deepEqual(names('settle'), []);
  });
});

describe('a wait at gates', () => {
  it('says what for, since when, until when, who ends it and what then', () => {
    const closed = { lookedAt: at(NOW), window: { isOpen: false, because: 'denied', until: at(NOW + MINUTE_MS) } };
    const late = windowGate({ then: 'proceed', expiresAfterMs: 9 * 3_600_000 });
    const gates = [arrived(approvalGate({ least: 2 }), NOW, { approvals: [yes('bob')] }), arrived(late, NOW, closed)];
    assert.deepEqual(buildGateWait(gates.map((gate) => buildGateStatus(gate, NOW))), {
      on: 'gate approval qa before shift: 1 more approval of approver, beside bob; gate window hours before shift: denied, opens at 2026-06-01T12:01:00.000Z',
      since: at(NOW),
      until: at(NOW + 3_600_000),
      endedBy: 'approve or reject, the opening of the window, abort',
      then: 'the rollout is put back',
    });
  });
});

describe('the stop that counts', () => {
  const stop = (more: object) => ({ actor: 'ada', reason: 'x', since: at(NOW), ...more });
  const service = { name: 'web', environment: 'production' };

  it('is one of its environment or of all, that is not over, and of several the one that lasts longest', () => {
    const other = stop({ environment: 'staging' });
    const over = stop({ until: at(NOW) });
    const short = stop({ until: at(NOW + 1) });
    const long = stop({ environment: 'production', until: at(NOW + 2) });
    assert.equal(findStop([other, over], service, NOW), undefined);
    assert.equal(findStop([other, over, short], service, NOW), short);
    assert.equal(findStop([short, long], service, NOW), long);
    assert.deepEqual(findStop([long, stop({})], service, NOW), stop({}));
  });
});

describe('the gates at which what is asked for waits', () => {
  const gates = [
    approvalGate({ name: 'any' }),
    approvalGate({ name: 'restarts', verbs: ['restart'], before: 'provision' }),
    approvalGate({ name: 'removals', verbs: ['remove', 'apply'], step: 2 }),
  ];
  const rows: [kind: RolloutKind, verb: string | undefined, names: string[]][] = [
    ['deploy', 'apply', ['any', 'removals']],
    ['deploy', 'deploy', ['any']],
    ['deploy', 'restart', ['any', 'restarts']],
    // As it was before gates named verbs.
    ['deploy', undefined, ['any']],
    ['remove', 'remove', ['removals']],
    ['remove', undefined, ['removals']],
    ['rollback', 'rollback', []],
    // A release that is applied anew, and whose stack is warm.
    ['rollback', 'apply', []],
  ];
  for (const [kind, verb, names] of rows) {
    it(`${kind} that was asked for by ${verb ?? 'an older version'}: ${names.join(', ') || 'none'}`, () => {
      const picked = pickGates(gates, kind, verb);
      assert.deepEqual(
        picked.map(({ name }) => name),
        names,
      );
      if (kind === 'remove')
        assert.deepEqual(
          picked.map(({ before, step }) => [before, step]),
          [['settle', undefined]],
        );
    });
  }
});
