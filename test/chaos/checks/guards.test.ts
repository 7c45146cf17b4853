import assert from 'node:assert/strict';
import type { GateSpec } from '../../../src/domain/gates/gate.ts';
import type { HookSpec } from '../../../src/domain/hooks/hook.ts';
import { PHASES } from '../../../src/domain/rollout/rollout.ts';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import type { AuditEvent } from '../../../src/store/audit/store.ts';
import type { Decision } from '../guards/approver.ts';
import type { Heard } from '../guards/heard.ts';
import type { HeardCall } from '../guards/receiver.ts';
import { contractFindings, unfinishedFindings } from './contracts.ts';
import type { Evidence } from './evidence.ts';
import { gateFindings } from './gates.ts';
import { hookFindings } from './hooks.ts';

const service = { name: 'web', environment: 'test' };
const NAME = 'web/test#1';
const at = (ms: number): string => new Date(ms).toISOString();

/** In the order of their places. */
function events(...list: [type: string, data?: object][]): AuditEvent[] {
  return list.map(
    ([type, data = {}], index) => ({ type, data, seq: index + 1, rollout: NAME }) as unknown as AuditEvent,
  );
}

function status(more: Partial<RolloutStatus> = {}): RolloutStatus {
  return {
    ...{ service, number: 1, kind: 'deploy', revision: 2, outcome: 'succeeded', startedAt: at(0), actor: 'chaos' },
    ...{ phase: 'teardown', paused: false, verdicts: [], quarantined: [] },
    phases: PHASES.map((phase) => ({ phase, state: 'done' })),
    steps: [{ number: 1, weight: 100, bakeMs: 500, state: 'done' }],
    ...more,
  };
}

function evidence(list: AuditEvent[], more: Partial<RolloutStatus> = {}): Evidence {
  const run = { workflowId: 'rollout/web/test/1', status: 'COMPLETED', result: { status: status(more) } };
  return { service, events: list, runs: [run], contracts: [] } as unknown as Evidence;
}

const approval = { kind: 'approval', name: 'qa', before: 'shift', least: 1, expiresAfterMs: 2_000 } as GateSpec;
const hook = (name: string, moment: HookSpec['moment'], phase: HookSpec['phase']): HookSpec => {
  return { name, moment, phase, onFailure: 'rollback', kinds: ['deploy'] } as unknown as HookSpec;
};

function heard(spec: object, more: Partial<Heard> = {}): Heard {
  const answer = { wish: { do: 'deploy', behaviour: 'good' }, receipt: { rollout: 1 }, version: 'v2', spec };
  return {
    answers: [answer] as unknown as Heard['answers'],
    decisions: [],
    calls: [],
    firstAnswers: new Map(),
    ...more,
  };
}

describe('what chaos has to say of gates', () => {
  const opened = ['rollout.gate', { gate: 'qa', state: 'open' }] as [string, object];
  const moved = ['route.changing', { weights: { r1: 0, r2: 100 } }] as [string, object];
  const yes: Decision = { rollout: 1, verb: 'approve', sentAt: 100 };
  const judge = (list: AuditEvent[], decisions: Decision[], served: number, more?: Partial<RolloutStatus>) =>
    gateFindings(
      evidence(list, more),
      heard({ gates: [approval] }, { decisions, firstAnswers: new Map([['v2', served]]) }),
    );

  it('is nothing where it opened first, by the record and by those outside', () => {
    assert.deepEqual(judge(events(opened, moved), [yes], 150), []);
  });

  it('is that traffic came before its opening was on record, or before anybody had approved', () => {
    assert.match(JSON.stringify(judge(events(moved, opened), [yes], 150)), /came before gate qa had opened/);
    assert.match(JSON.stringify(judge(events(opened, moved), [yes], 50)), /50 ms later was opened/);
    assert.match(JSON.stringify(judge(events(opened, moved), [{ ...yes, refused: 'no' }], 150)), /nobody had opened/);
  });

  it('takes each step of a gate at every step for itself', () => {
    const every = { ...approval, step: 'every' } as GateSpec;
    const half = ['route.changing', { weights: { r1: 50, r2: 50 } }] as [string, object];
    const first = ['rollout.gate', { gate: 'qa', state: 'open', step: 1 }] as [string, object];
    const second = ['rollout.gate', { gate: 'qa', state: 'open', step: 2 }] as [string, object];
    const of = (list: AuditEvent[]) => gateFindings(evidence(list), heard({ gates: [every] }));
    assert.deepEqual(of(events(first, half, second, moved)), []);
    assert.equal(of(events(first, half, moved)).length, 1);
  });

  it('is that a rollback was held, and nothing of what was passed by break-glass', () => {
    assert.match(JSON.stringify(judge(events(opened), [], 0, { kind: 'rollback' })), /was held by a gate/);
    const breakGlass = { actor: 'ada', reason: 'now', at: at(0) };
    assert.deepEqual(judge(events(moved), [], 50, { breakGlass }), []);
  });
});

describe('what chaos has to say of hooks', () => {
  const spec = { hooks: [hook('one', 'before', 'provision'), hook('two', 'after', 'bake')] };
  const call = (name: string, when: string, phase: string, time: number): HeardCall => ({
    ...{
      kind: 'hooks',
      id: `web/test:1:${when}-${phase}:${name}`,
      at: time,
      answeredAt: time + 5,
      signedAt: 0,
      type: '',
    },
    data: { service: 'web', environment: 'test', rollout: 1, hook: name, when, phase },
    answer: 'succeeded',
  });
  const [one, two] = [call('one', 'before', 'provision', 10), call('two', 'after', 'bake', 30)];
  const judge = (calls: HeardCall[], list: AuditEvent[] = [], more?: Partial<RolloutStatus>) =>
    hookFindings(evidence(list, more), heard(spec, { calls }));

  it('is nothing where each was heard, in order', () => {
    assert.deepEqual(judge([one, two]), []);
  });

  it('is that one was not delivered, came too early, or under the id of another one', () => {
    assert.match(JSON.stringify(judge([one])), /after-bake:two was not delivered/);
    assert.match(JSON.stringify(judge([one, { ...two, at: 12 }])), /two was called before .*one had succeeded/);
    assert.match(JSON.stringify(judge([one, two, { ...two, id: one.id }])), /says that it is .*after-bake:two/);
    const said = ['hook.answered', { hook: 'x', id: 'web/test:1:after-shift:x', status: 'succeeded' }] as [
      string,
      object,
    ];
    assert.match(JSON.stringify(judge([one, two], events(said))), /its receiver has not said so/);
  });

  it('is nothing of those behind the phase in which a rollout has ended', () => {
    const phases = status().phases.map((each) =>
      each.phase === 'validate' ? { ...each, state: 'failed' as const } : each,
    );
    assert.deepEqual(judge([one], [], { outcome: 'failed', phases, steps: [] }), []);
  });
});

describe('what chaos has to say of contracts', () => {
  const planned = {
    revision: 2,
    rollout: 1,
    liveSince: at(1_000),
    afterMs: 500,
    state: 'done',
    since: at(2_000),
    calls: 1,
  };
  const called = (time: number) =>
    ({
      kind: 'contracts',
      id: 'web/test:contract:r2',
      at: time,
      answer: 'succeeded',
      data: { revision: 'r2' },
    }) as unknown as HeardCall;
  const made = ['stack.provisioning', { stack: 'web-test-r1' }] as [string, object];
  const gone = ['stack.destroyed', { stack: 'web-test-r1' }] as [string, object];
  const begun = ['contract.begun', { revision: 'r2' }] as [string, object];
  const judge = (list: AuditEvent[], time: number, more: object = {}) =>
    contractFindings({ ...evidence(list), contracts: [{ ...planned, ...more }] } as unknown as Evidence, [
      called(time),
    ]);

  it('is nothing where it came when its time was over and nothing from before stood', () => {
    assert.deepEqual(judge(events(made, gone, begun), 1_600), []);
  });

  it('is that it came too early, while something stood, or that somebody went back', () => {
    assert.match(JSON.stringify(judge(events(made, gone, begun), 1_400)), /100 ms before its time/);
    assert.match(JSON.stringify(judge(events(made, begun, gone), 1_600)), /began while web-test-r1 stood/);
    const back = ['route.changing', { weights: { r1: 100, r2: 0 } }] as [string, object];
    assert.match(JSON.stringify(judge(events(made, gone, begun, back), 1_600)), /traffic went to r1/);
    assert.match(JSON.stringify(judge(events(made, gone), 1_600)), /has not begun on record/);
    assert.match(JSON.stringify(judge(events(made, gone, begun), 1_600, { state: 'cancelled' })), /called off before/);
  });

  it('is that one is left over', () => {
    const left = { ...evidence([]), contracts: [{ ...planned, state: 'waiting' }] } as unknown as Evidence;
    assert.equal(unfinishedFindings(left).length, 1);
  });
});
