import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { identifyFinding } from '../../../src/domain/drift/finding.ts';
import {
  type DriftRecord,
  acknowledge,
  findUnacknowledged,
  noteLook,
  noteTrouble,
} from '../../../src/domain/drift/record.ts';
import type { DriftFinding } from '../../../src/domain/drift/finding.ts';
import { TARGET, at, someFindings } from './samples.ts';

type Act = { look: DriftFinding[] } | 'trouble' | 'acknowledge';

const someAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: someFindings.map((look) => ({ look })) },
  { weight: 1, arbitrary: fc.constant('trouble' as const) },
  { weight: 2, arbitrary: fc.constant('acknowledge' as const) },
);

/** The record after all acts, and by a model of its own: what somebody has seen continuously since they acknowledged it. */
function carryOut(acts: readonly Act[]): { record: DriftRecord | undefined; known: Set<string>; seen: Set<string> } {
  let record: DriftRecord | undefined;
  let known = new Set<string>();
  let seen = new Set<string>();
  for (const [minute, act] of acts.entries()) {
    if (act === 'trouble') record = noteTrouble(TARGET, record, 'away', at(minute));
    else if (act === 'acknowledge') {
      if (!record) continue;
      const by = { by: 'ada', at: at(minute), reason: 'known', requestId: `r-${minute}` };
      record = acknowledge(record, { ...by, covers: record.findings.map(identifyFinding) });
      known = new Set(seen);
    } else {
      record = noteLook(TARGET, record, act.look, at(minute)).record;
      seen = new Set(act.look.map(identifyFinding));
      known = new Set([...known].filter((key) => seen.has(key)));
    }
  }
  return { record, known, seen };
}

describe('drift over any course of looks, troubles and acknowledgements', () => {
  it('is unacknowledged where it was not there, continuously, since somebody acknowledged it', () => {
    fc.assert(
      fc.property(fc.array(someAct, { maxLength: 12 }), (acts) => {
        const { record, known, seen } = carryOut(acts);
        const found = record ? findUnacknowledged(record).map(identifyFinding) : [];
        assert.deepEqual(new Set(found), new Set([...seen].filter((key) => !known.has(key))));
      }),
    );
  });

  it('tells of a change where the looks differ, and of none otherwise', () => {
    fc.assert(
      fc.property(fc.array(someAct, { maxLength: 8 }), someFindings, (acts, look) => {
        const { record, seen } = carryOut(acts);
        const keys = new Set(look.map(identifyFinding));
        const isSame = keys.size === seen.size && [...keys].every((key) => seen.has(key));
        assert.equal(noteLook(TARGET, record, look, at(99)).change === undefined, isSame);
      }),
    );
  });

  it('counts every write', () => {
    fc.assert(
      fc.property(fc.array(someAct, { maxLength: 12 }), (acts) => {
        const first = acts.findIndex((act) => act !== 'acknowledge');
        assert.equal(carryOut(acts).record?.version, first < 0 ? undefined : acts.length - first);
      }),
    );
  });
});
