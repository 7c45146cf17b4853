import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { identifyFinding } from '../../../src/domain/drift/finding.ts';
import {
  type Acknowledgement,
  type DriftRecord,
  acknowledge,
  findUnacknowledged,
  noteLook,
  noteTrouble,
} from '../../../src/domain/drift/record.ts';
import { classifyDrift } from '../../../src/domain/drift/state.ts';
import { TARGET, at, changed, gone } from './samples.ts';

const by = (record: DriftRecord): Acknowledgement => ({
  ...{ by: 'ada', at: at(9), reason: 'known', requestId: 'r-1' },
  covers: record.findings.map(identifyFinding),
});

const look = (before: DriftRecord | undefined, findings: DriftRecord['findings'], minute: number) =>
  noteLook(TARGET, before, findings, at(minute));

describe('what a look means beside the last one', () => {
  const cases = [
    ['nothing and nothing', [], [], undefined],
    ['drift where there was none', [], [gone('p1')], 'found'],
    ['the same drift, in another order', [gone('p1'), gone('p2')], [gone('p2'), gone('p1')], undefined],
    ['one more', [gone('p1')], [gone('p1'), gone('p2')], 'changed'],
    ['one less', [gone('p1'), gone('p2')], [gone('p2')], 'changed'],
    ['another value of the same property', [changed('p1', ['port'], 'a')], [changed('p1', ['port'], 'b')], 'changed'],
    ['gone instead of changed', [changed('p1', ['port'])], [gone('p1')], 'changed'],
    ['none any more', [gone('p1')], [], 'gone'],
  ] as const;
  for (const [name, before, now, change] of cases) {
    it(`${name}: ${change ?? 'no news'}`, () => {
      const { record } = look(undefined, [...before], 1);
      assert.equal(look(record, [...now], 2).change, change);
    });
  }

  it('has drift since it was seen first, whatever it consists of meanwhile, and anew after it was gone', () => {
    const first = look(undefined, [gone('p1')], 1).record;
    const second = look(first, [gone('p2')], 2).record;
    assert.deepEqual([second.since, second.lookedAt, second.version], [at(1), at(2), 2]);
    const none = look(second, [], 3).record;
    assert.equal(none.since, undefined);
    assert.equal(look(none, [gone('p1')], 4).record.since, at(4));
  });
});

describe('a stack that cannot be looked at', () => {
  it('keeps what was found, and says since when and why', () => {
    const found = look(undefined, [gone('p1')], 1).record;
    const first = noteTrouble(TARGET, found, 'the engine is busy', at(2));
    const second = noteTrouble(TARGET, first, 'the host is away', at(3));
    assert.deepEqual(second.trouble, { since: at(2), because: 'the host is away' });
    assert.deepEqual([second.findings, second.lookedAt, second.version], [[gone('p1')], at(1), 3]);
    assert.equal(look(second, [gone('p1')], 4).record.trouble, undefined);
  });

  it('is unknown, not as it was made, unless drift is known already', () => {
    assert.equal(classifyDrift(undefined), 'unknown');
    assert.equal(classifyDrift(noteTrouble(TARGET, undefined, 'away', at(1))), 'unknown');
    assert.equal(classifyDrift(noteTrouble(TARGET, look(undefined, [], 1).record, 'away', at(2))), 'unknown');
    const drifted = look(undefined, [gone('p1')], 1).record;
    assert.equal(classifyDrift(noteTrouble(TARGET, drifted, 'away', at(2))), 'drifted');
    const known = acknowledge(drifted, by(drifted));
    assert.equal(classifyDrift(known), 'acknowledged');
    assert.equal(classifyDrift(noteTrouble(TARGET, known, 'away', at(2))), 'unknown');
  });
});

describe('an acknowledgement', () => {
  const drifted = look(undefined, [gone('p1'), changed('p2', ['port'], 'a')], 1).record;
  const known = acknowledge(drifted, by(drifted));

  it('covers what was seen, and nothing that comes later', () => {
    assert.deepEqual(findUnacknowledged(known), []);
    assert.deepEqual(findUnacknowledged(look(known, drifted.findings, 2).record), []);
    assert.deepEqual(findUnacknowledged(look(known, [gone('p1')], 2).record), []);
    const more = look(known, [...drifted.findings, gone('p3')], 2).record;
    assert.deepEqual(findUnacknowledged(more), [gone('p3')]);
    const other = look(known, [gone('p1'), changed('p2', ['port'], 'b')], 2).record;
    assert.deepEqual(findUnacknowledged(other), [changed('p2', ['port'], 'b')]);
  });

  it('is over with the drift: what comes back is news', () => {
    const mended = look(known, [], 2).record;
    assert.equal(mended.acknowledged, undefined);
    assert.deepEqual(findUnacknowledged(look(mended, [gone('p1')], 3).record), [gone('p1')]);
  });

  it('covers nothing that a look has added since it was asked for', () => {
    const raced = look(drifted, [...drifted.findings, gone('p3')], 2).record;
    assert.deepEqual(findUnacknowledged(acknowledge(raced, by(drifted))), [gone('p3')]);
    const mended = look(drifted, [], 2).record;
    assert.equal(acknowledge(mended, by(drifted)).acknowledged, undefined);
  });
});
