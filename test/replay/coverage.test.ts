import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ServiceCommand } from '../../src/domain/service/requests.ts';
import type { RolloutKind } from '../../src/domain/rollout/rollout.ts';
import { CONCURRENCY_POLICIES } from '../../src/domain/service/service.ts';
import { type RolloutVerb, VERB_TABLE } from '../../src/domain/rollout/verbs.ts';
import * as workflows from '../../src/workflows/index.ts';
import {
  catchUpSignal,
  noteUpdate,
  requestUpdates,
  putBackReportSignal,
  runChangedSignal,
  rolloutUpdates,
  stillThereSignal,
  stopsChangedSignal,
  supersedeSignal,
  teardownReportSignal,
} from '../../src/workflows/shared/messages.ts';
import { contents } from './contents.ts';
import { recordedHistories } from './histories.ts';

// The compiler asks for what is new; nothing at run time lists these.
const KINDS: Record<RolloutKind, true> = { deploy: true, rollback: true, remove: true };
const NOTES: Record<ServiceCommand['kind'], true> = { drop: true, pin: true, unpin: true, 'mark-bad': true };

/** One that is refused in every stage leaves no trace in a history. */
function isEverLegal(verb: RolloutVerb): boolean {
  return Object.values(VERB_TABLE).some((rules) => rules[verb].legal);
}

const WANTED = [
  ...Object.keys(workflows).map((name) => `workflow: ${name}`),
  ...Object.keys(KINDS).map((kind) => `kind: ${kind}`),
  ...Object.values(requestUpdates).map(({ name }) => `update of service: ${name}`),
  `update of service: ${noteUpdate.name}`,
  ...(Object.keys(rolloutUpdates) as RolloutVerb[]).filter(isEverLegal).map((verb) => `update of rollout: ${verb}`),
  ...Object.keys(NOTES).map((kind) => `note: ${kind}`),
  ...CONCURRENCY_POLICIES.map((policy) => `policy: ${policy}`),
  `signal to service: ${teardownReportSignal.name}`,
  `signal to service: ${putBackReportSignal.name}`,
  `signal to service: ${catchUpSignal.name}`,
  `signal to rollout: ${supersedeSignal.name}`,
  `signal to rollout: ${stillThereSignal.name}`,
  `signal to rollout: ${stopsChangedSignal.name}`,
  `signal to experiment: ${runChangedSignal.name}`,
  'new run of: drift',
  'new run of: experiment',
  'new run of: service',
  'new run of: teardown',
];

describe('recorded histories, taken together,', () => {
  it('show everything that a workflow can be, be asked and be told; record a scenario for what is missing', () => {
    const shown = contents(recordedHistories());
    assert.deepEqual(
      WANTED.filter((each) => !shown.has(each)),
      [],
    );
  });
});
