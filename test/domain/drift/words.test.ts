import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findObstacle } from '../../../src/domain/drift/block.ts';
import { acknowledge, noteLook, noteTrouble } from '../../../src/domain/drift/record.ts';
import { identifyFinding } from '../../../src/domain/drift/finding.ts';
import { describeFinding, describeFindings } from '../../../src/domain/drift/words.ts';
import { TARGET, at, changed, gone } from './samples.ts';

describe('drift in words', () => {
  it('names the resource and what differs, never more than a sentence holds', () => {
    assert.equal(describeFinding(gone('p1')), 'p1 (p:index:T) is gone');
    assert.equal(describeFinding(changed('p1', ['port'])), 'p1 (p:index:T) differs in port');
    assert.equal(describeFinding(changed('p1', ['a', 'b', 'c'])), 'p1 (p:index:T) differs in a, b and c');
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    assert.equal(describeFinding(changed('p1', many)), 'p1 (p:index:T) differs in a, b, c, d, e and 2 more');
    assert.equal(describeFinding(changed('p1', [])), 'p1 (p:index:T) differs in what is secret');
    assert.equal(
      describeFindings(many.map(gone)),
      'a (p:index:T) is gone; b (p:index:T) is gone; c (p:index:T) is gone; d (p:index:T) is gone; e (p:index:T) is gone; 2 more',
    );
  });
});

describe('what keeps a rollout from going on', () => {
  const { record } = noteLook(TARGET, undefined, [gone('p1')], at(1));

  it('is drift that nobody has acknowledged, with what to type', () => {
    assert.equal(
      findObstacle(record),
      'r3 is not as it was made: p1 (p:index:T) is gone. Make it as it was, or say why it may stay: supplant drift acknowledge web/production r3 --reason TEXT',
    );
    const by = { by: 'ada', at: at(2), reason: 'known', requestId: 'r' };
    assert.equal(findObstacle(acknowledge(record, { ...by, covers: record.findings.map(identifyFinding) })), undefined);
    assert.equal(findObstacle(noteLook(TARGET, record, [], at(2)).record), undefined);
  });

  it('is a stack that could not be looked at', () => {
    assert.equal(
      findObstacle(noteTrouble(TARGET, noteLook(TARGET, undefined, [], at(1)).record, 'the host is away', at(2))),
      `r3 could not be looked at since ${at(2)}, because the host is away; with drift: block, nothing is shifted without a look`,
    );
  });
});
