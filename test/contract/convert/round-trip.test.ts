import { AUDIENCES } from '../../../src/domain/rollout/plan.ts';
import assert from 'node:assert/strict';
import { type DescMessage, type MessageInitShape, type MessageShape, create } from '@bufbuild/protobuf';
import { fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { fromEvent, fromVerification, toEvent, toVerification } from '../../../src/contract/convert/audit.ts';
import { fromRevision, fromUrl, toRevision } from '../../../src/contract/convert/revision.ts';
import {
  fromQueued,
  fromRecorded,
  fromRollout,
  toRecordedRollout,
  toQueued,
  toRollout,
} from '../../../src/contract/convert/rollout.ts';
import { fromService, toService } from '../../../src/contract/convert/service.ts';
import { fromSpec, toSpec } from '../../../src/contract/convert/spec.ts';
import { fromReceipt, toReceipt } from '../../../src/contract/convert/receipt.ts';
import { Faults } from '../../../src/gateway/faults.ts';
import { readDescription } from '../../../src/gateway/read-spec.ts';
import { formatEndpointUrl } from '../../../src/domain/service/revision.ts';
import { GATE_ACTIONS, GATE_PHASES, REASON_DEMANDS } from '../../../src/domain/gates/gate.ts';
import { GATE_KINDS, GATE_STATES, type GateStatus } from '../../../src/domain/gates/status.ts';
import { PHASES } from '../../../src/domain/rollout/rollout.ts';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import { ACTIVITY_STATES } from '../../../src/domain/rollout/pending-activity.ts';
import { AuditEventSchema, VerifyAuditChainResponseSchema } from '../../../src/contract/gen/supplant/v1/audit_pb.ts';
import { ReceiptSchema } from '../../../src/contract/gen/supplant/v1/common_pb.ts';
import { RolloutSchema } from '../../../src/contract/gen/supplant/v1/rollouts_pb.ts';
import { RevisionSchema, ServiceSchema, ServiceSpecSchema } from '../../../src/contract/gen/supplant/v1/services_pb.ts';
import {
  BAKING,
  HOOKED,
  BAKING_VIEW,
  INSPECTED_VIEW,
  PREVIEWED_VIEW,
  HISTORY,
  IDLE_VIEW,
  REFUSED,
  REFUSED_VIEW,
  ROLLED_BACK,
  SUCCEEDED,
} from '../../doubles/sample-views.ts';
import { someDate, someEndpoint, someName, someService } from '../../domain/arbitrary.ts';
import { someSpec } from '../../config/manifest/arbitrary.ts';

/** Over the wire and back, by both of its formats. */
function sent<Desc extends DescMessage>(desc: Desc, init: MessageInitShape<Desc>): MessageShape<Desc> {
  const message = create(desc, init);
  const received = fromBinary(desc, toBinary(desc, message));
  assert.deepEqual(fromJson(desc, toJson(desc, message)), received);
  return received;
}

/** Made-up values have no prototype; nothing else may differ. */
function same(found: unknown, wanted: unknown): void {
  assert.deepEqual(JSON.parse(JSON.stringify(found)), JSON.parse(JSON.stringify(wanted)));
}

const time = someDate.map((date) => date.toISOString());
const number = fc.integer({ min: 1, max: 999_999_999 });
const text = fc.string({ minLength: 1, unit: 'grapheme' });

const someGateStatus: fc.Arbitrary<GateStatus> = fc
  .record(
    {
      name: someName,
      kind: fc.constantFrom(...GATE_KINDS),
      before: fc.constantFrom(...GATE_PHASES),
      step: fc.integer({ min: 1, max: 100 }),
      state: fc.constantFrom(...GATE_STATES),
      since: time,
      until: time,
      endedAt: time,
      then: fc.constantFrom(...GATE_ACTIONS),
      because: text,
      opensAt: time,
      approval: fc.record(
        {
          from: fc.array(text, { minLength: 1 }),
          least: fc.integer({ min: 1, max: 10 }),
          notRequester: fc.boolean(),
          reason: fc.constantFrom(...REASON_DEMANDS),
          temporalUi: fc.constant(true as const),
        },
        { requiredKeys: ['from', 'least', 'notRequester', 'reason'] },
      ),
      approvals: fc.array(fc.record({ actor: text, at: time, reason: text }, { requiredKeys: ['actor', 'at'] })),
    },
    { requiredKeys: ['name', 'kind', 'before', 'state', 'since', 'until', 'then'] },
  )
  // Approvals are told of what takes some.
  .map(({ approval, approvals = [], ...gate }) => (approval ? { ...gate, approval, approvals } : gate));

const someRollout: fc.Arbitrary<RolloutStatus> = fc.record(
  {
    service: someService,
    number,
    kind: fc.constantFrom('deploy', 'rollback', 'remove'),
    revision: number,
    previous: number,
    baseline: number,
    artifact: text,
    actor: text,
    reason: text,
    phase: fc.constantFrom(...PHASES),
    phases: fc.array(
      fc.record(
        {
          phase: fc.constantFrom(...PHASES),
          state: fc.constantFrom('done', 'running', 'failed', 'skipped', 'pending'),
          startedAt: time,
          endedAt: time,
          note: text,
        },
        { requiredKeys: ['phase', 'state'] },
      ),
    ),
    steps: fc.array(
      fc.record(
        {
          number: fc.integer({ min: 1, max: 100 }),
          weight: fc.integer({ min: 0, max: 100 }),
          bakeMs: fc.nat(),
          audience: fc.constantFrom(...AUDIENCES),
          state: fc.constantFrom('done', 'running', 'failed', 'skipped', 'pending'),
          startedAt: time,
          endedAt: time,
          note: text,
        },
        { requiredKeys: ['number', 'weight', 'bakeMs', 'state'] },
      ),
    ),
    plan: fc.record(
      {
        weights: fc.array(fc.integer({ min: 0, max: 100 })),
        audience: fc.constantFrom(...AUDIENCES),
        ...{ earliestMs: fc.nat(), longestDetectMs: fc.nat(), worstExposureMs: fc.nat(), baselineMs: fc.nat() },
        hasPreview: fc.constant(true),
      },
      { requiredKeys: ['weights', 'earliestMs', 'longestDetectMs', 'worstExposureMs'] },
    ),
    exposure: fc.record(
      { totalMs: fc.nat(), pausedMs: fc.nat(), cohortMs: fc.nat() },
      { requiredKeys: ['totalMs', 'pausedMs'] },
    ),
    startedAt: time,
    endedAt: time,
    outcome: fc.constantFrom('succeeded', 'failed', 'rolled-back', 'aborted'),
    because: text,
    undoing: fc.constantFrom(...PHASES),
    preview: text,
    wait: fc.record(
      { on: text, since: time, until: time, endedBy: text, then: text },
      { requiredKeys: ['on', 'since', 'endedBy', 'then'] },
    ),
    paused: fc.boolean(),
    gates: fc.array(someGateStatus, { minLength: 1, maxLength: 3 }),
    breakGlass: fc.record({ actor: text, reason: text, at: time }),
    verdicts: fc.array(
      fc.record(
        {
          check: someName,
          verdict: fc.constantFrom('pass', 'fail', 'inconclusive'),
          revision: number,
          attempts: fc.nat(),
          passed: fc.nat(),
          from: time,
          to: time,
          evidence: text,
          phase: fc.constantFrom('validate', 'bake'),
          step: fc.integer({ min: 1, max: 100 }),
          reading: fc.record({ value: fc.integer(), samples: fc.nat(), query: text }, { requiredKeys: ['samples'] }),
          numbers: fc.dictionary(someName, fc.double({ noNaN: true }), { minKeys: 1 }),
          isDryRun: fc.constant(true as const),
        },
        { requiredKeys: ['check', 'verdict', 'revision', 'attempts', 'passed', 'from', 'to', 'evidence', 'phase'] },
      ),
    ),
    quarantined: fc.array(text),
    activities: fc.array(
      fc.record(
        {
          name: text,
          state: fc.constantFrom(...ACTIVITY_STATES),
          since: time,
          attempt: fc.nat(),
          lastError: text,
          nextAttemptAt: time,
          until: time,
          because: text,
          latest: text,
        },
        { requiredKeys: ['name', 'state', 'since', 'attempt'] },
      ),
      { minLength: 1 },
    ),
  },
  {
    requiredKeys: [
      'service',
      'number',
      'kind',
      'actor',
      'phase',
      'phases',
      'steps',
      'startedAt',
      'paused',
      'verdicts',
      'quarantined',
    ],
  },
);

describe('what the API says means the same to its reader', () => {
  it('a rollout', () => {
    fc.assert(
      fc.property(someRollout, (rollout) => {
        same(fromRollout(sent(RolloutSchema, toRollout(rollout))), rollout);
      }),
    );
    for (const rollout of [BAKING, SUCCEEDED, REFUSED, ROLLED_BACK, HOOKED]) {
      assert.deepEqual(fromRollout(sent(RolloutSchema, toRollout(rollout))), rollout);
    }
  });

  it('how drains of a rollout ended, counted or not', () => {
    const drain = { revision: 1, requests: 2, connections: 1, afterMs: 30_000 };
    const uncounted = { revision: 2, requests: 0, connections: 0, isUncounted: true as const, afterMs: 300_000 };
    const rollout = { ...SUCCEEDED, drains: [drain, uncounted] };
    assert.deepEqual(fromRollout(sent(RolloutSchema, toRollout(rollout))), rollout);
  });

  it('a queued rollout', () => {
    const queued = {
      number: 13,
      kind: 'deploy' as const,
      revision: 18,
      artifact: 'npm:x@2',
      actor: 'bo',
      queuedAt: BAKING.startedAt,
    };
    assert.deepEqual(fromQueued(sent(RolloutSchema, toQueued(BAKING.service, queued))), queued);
  });

  it('what is on record of rollouts and revisions', () => {
    for (const record of HISTORY.rollouts) {
      assert.deepEqual(fromRecorded(sent(RolloutSchema, toRecordedRollout(record))), record);
    }
    for (const record of HISTORY.revisions) {
      assert.deepEqual(fromRevision(sent(RevisionSchema, toRevision(record))), record);
    }
  });

  it('a service as it stands', () => {
    for (const view of [BAKING_VIEW, IDLE_VIEW, REFUSED_VIEW, INSPECTED_VIEW, PREVIEWED_VIEW]) {
      assert.deepEqual(fromService(sent(ServiceSchema, toService(view))), view);
    }
  });

  it('a service as it is to be, also when it is checked on arrival', () => {
    fc.assert(
      fc.property(someSpec, (spec) => {
        const message = sent(ServiceSpecSchema, toSpec(spec));
        same(fromSpec(message), spec);
        assert.deepEqual(sent(ServiceSpecSchema, toSpec(fromSpec(message))), message);
        const faults = new Faults();
        same(faults.settle(readDescription(faults, { case: 'spec', value: message })), spec);
      }),
    );
  });

  it('an endpoint', () => {
    fc.assert(fc.property(someEndpoint, (endpoint) => same(fromUrl(formatEndpointUrl(endpoint)), endpoint)));
  });

  it('a receipt, also of a service that has had no rollout', () => {
    for (const receipt of [
      { service: BAKING.service, rollout: 12, revision: 17, unchanged: false, queuedBehind: 2 },
      { service: BAKING.service, rollout: 0, unchanged: true, queuedBehind: 0 },
      {
        service: BAKING.service,
        rollout: 13,
        revision: 7,
        unchanged: false,
        queuedBehind: 0,
        ends: 12,
        drops: [9, 11],
        plan: { weights: [10, 100], earliestMs: 310_000, longestDetectMs: 310_000, worstExposureMs: 50_000 },
      },
      {
        service: BAKING.service,
        rollout: 13,
        revision: 7,
        unchanged: false,
        queuedBehind: 0,
        pool: 'eu-wst',
        warnings: ['no worker serves pool eu-wst'],
      },
    ]) {
      assert.deepEqual(fromReceipt(BAKING.service, sent(ReceiptSchema, toReceipt(receipt))), receipt);
    }
  });

  it('an audit event, and what a look at all of them found', () => {
    const event = {
      seq: 7,
      at: BAKING.startedAt,
      key: 'web/production#12/rollout.started/deploy',
      type: 'rollout.started',
      subject: 'web/production',
      rollout: 'web/production#12',
      actor: 'ada',
      reason: '',
      data: { previous: null, nested: { list: [1, 'two', true, 2.5] } },
      previousHash: '0'.repeat(64),
      hash: 'a'.repeat(64),
    };
    assert.deepEqual(fromEvent(sent(AuditEventSchema, toEvent(event))), event);
    for (const verdict of [
      { ok: true as const, events: 3, head: 'a'.repeat(64) },
      { ok: false as const, events: 1, brokenSeq: 2, fault: 'line 2 was changed' },
    ]) {
      assert.deepEqual(fromVerification(sent(VerifyAuditChainResponseSchema, toVerification(verdict))), verdict);
    }
  });
});
