import assert from 'node:assert/strict';
import { create, fromBinary, fromJson, toBinary, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { fromStackDrift, toStackDrift } from '../../../src/contract/convert/drift.ts';
import { StackDriftSchema } from '../../../src/contract/gen/supplant/v1/drift_pb.ts';
import { DRIFT_KINDS } from '../../../src/domain/drift/finding.ts';
import { DRIFT_STATES } from '../../../src/domain/drift/state.ts';
import { someDate, someService } from '../../domain/arbitrary.ts';

const time = someDate.map((date) => date.toISOString());
const text = fc.string({ minLength: 1, unit: 'grapheme' });

const someView = fc.record(
  {
    service: someService,
    revision: fc.integer({ min: 1, max: 999_999_999 }),
    isLive: fc.boolean(),
    state: fc.constantFrom(...DRIFT_STATES),
    blocks: fc.boolean(),
    findings: fc.array(
      fc.record(
        {
          ...{ urn: text, type: text, name: text, kind: fc.constantFrom(...DRIFT_KINDS) },
          ...{ properties: fc.array(text, { maxLength: 3 }), isAcknowledged: fc.boolean() },
        },
        { noNullPrototype: true },
      ),
      { maxLength: 3 },
    ),
    since: time,
    lookedAt: time,
    trouble: fc.record({ since: time, because: text }, { noNullPrototype: true }),
    acknowledged: fc.record({ by: text, at: time, reason: text }, { noNullPrototype: true }),
  },
  {
    requiredKeys: ['service', 'revision', 'isLive', 'state', 'blocks', 'findings'],
    noNullPrototype: true,
  },
);

describe('the contract about drift', () => {
  it('says of a stack all that is known of it, by both formats', () => {
    fc.assert(
      fc.property(someView, (view) => {
        const message = create(StackDriftSchema, toStackDrift(view));
        const received = fromBinary(StackDriftSchema, toBinary(StackDriftSchema, message));
        assert.deepEqual(fromJson(StackDriftSchema, toJson(StackDriftSchema, message)), received);
        assert.deepEqual(JSON.parse(JSON.stringify(fromStackDrift(received))), JSON.parse(JSON.stringify(view)));
      }),
    );
  });
});
