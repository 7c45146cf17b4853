import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { gateActivities } from '../../../src/activities/gates.ts';
import { Journal } from '../../../src/activities/journal.ts';
import { buildGateStatus } from '../../../src/domain/gates/status.ts';
import { addRecordedGates } from '../../../src/gateway/backend/recorded-gates.ts';
import { openStore } from '../../../src/store/store.ts';
import { approvalGate, arrived } from '../../domain/gates/samples.ts';
import { SUCCEEDED } from '../../doubles/sample-views.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const REF = { service: { name: 'web', environment: 'production' }, number: 12, actor: 'ada' };

describe('gates of a rollout of which only the record is left', () => {
  it('are as they were recorded, with who approved and who has passed them', async () => {
    const store = await openStore(':memory:');
    const gates = gateActivities(store.stops, new Journal(store.audit));
    const waited = arrived(approvalGate(), NOW);
    const bob = { actor: 'bob', at: new Date(NOW).toISOString(), reason: 'tried it' };
    await gates.recordGates({ ref: REF, gates: [buildGateStatus(waited, NOW)] });
    await gates.recordGates({ ref: REF, gates: [buildGateStatus({ ...waited, approvals: [bob] }, NOW + 1)] });
    const left = arrived(approvalGate({ name: 'late', before: 'settle' }), NOW);
    await gates.recordGates({ ref: REF, gates: [buildGateStatus(left, NOW)] });
    const journal = new Journal(store.audit);
    const asked = { verb: 'promote', breakGlass: true };
    await journal.write({ ...REF, actor: 'cy' }, 'rollout.asked', 'one', asked, 'incident');
    const events = await store.audit.list({});
    await store.close();

    const { gates: told, breakGlass } = addRecordedGates(SUCCEEDED, events);
    assert.partialDeepStrictEqual(told, [
      { name: 'qa', kind: 'approval', before: 'shift', state: 'open', because: 'approved by bob', approvals: [bob] },
      { name: 'late', before: 'settle', state: 'skipped', because: 'the rollout has ended' },
    ]);
    assert.partialDeepStrictEqual(breakGlass, { actor: 'cy', reason: 'incident' });
    assert.deepEqual(addRecordedGates(SUCCEEDED, []), SUCCEEDED);
  });
});
