import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type Approver, approveGates, findApprovable } from '../../../src/domain/gates/approval.ts';
import { buildGateStatus, describeApproval } from '../../../src/domain/gates/status.ts';
import { approvalGate, arrived } from './samples.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');

/** Asks one gate. */
function ask(by: Approver, gate = approvalGate(), approvals: string[] = []): string {
  const given = approvals.map((actor) => ({ actor, at: new Date(NOW).toISOString() }));
  const found = findApprovable([buildGateStatus(arrived(gate, NOW, { approvals: given }), NOW)], by, 'ada');
  return 'refusal' in found ? found.refusal : `counts for ${found.names.join(', ')}`;
}

describe('who may approve', () => {
  const rows: [what: string, by: Approver, from: string[], answer: RegExp][] = [
    ['somebody of the role', { actor: 'bob', roles: ['approver'] }, ['approver'], /^counts for qa$/],
    ['an admin, for any role', { actor: 'bob', roles: ['admin'] }, ['approver'], /^counts/],
    ['an approver where an admin is wanted', { actor: 'bob', roles: ['approver'] }, ['admin'], /none of those.*admin/],
    ['somebody by name', { actor: 'jwt:bob@x.org', roles: ['approver'] }, ['jwt:bob@x.org'], /^counts/],
    ['somebody by a pattern', { actor: 'jwt:bob@x.org', roles: ['approver'] }, ['jwt:*@x.org'], /^counts/],
    ['somebody of a group', { actor: 'b', roles: ['approver'], groups: ['group:sre'] }, ['group:sre'], /^counts/],
    ['somebody of another group', { actor: 'b', roles: ['approver'], groups: ['group:x'] }, ['group:sre'], /none of/],
    ['an admin who is not named', { actor: 'b', roles: ['admin'] }, ['group:sre'], /none of/],
    ['whoever asked for the rollout', { actor: 'ada', roles: ['admin'] }, ['approver'], /somebody else has to/],
    ['nobody in particular', { actor: 'eve', roles: [] }, ['approver'], /none of those/],
  ];
  for (const [what, by, from, answer] of rows) {
    it(`${what}: ${answer.source}`, () => assert.match(ask(by, approvalGate({ from })), answer));
  }

  it('the requester where that is allowed', () => {
    assert.match(ask({ actor: 'ada', roles: ['approver'] }, approvalGate({ notRequester: false })), /^counts/);
  });

  it('with a reason where that is demanded', () => {
    const gate = approvalGate({ reason: 'required' });
    assert.match(ask({ actor: 'bob', roles: ['approver'] }, gate), /takes a reason/);
    assert.match(ask({ actor: 'bob', roles: ['approver'], reason: 'seen it' }, gate), /^counts/);
  });

  it('somebody in the Temporal UI where the gate says so, once under whatever name', () => {
    const claim: Approver = { actor: 'temporal:zoe', roles: [], claimed: true };
    const gate = approvalGate({ temporalUi: true, notRequester: false, least: 3 });
    assert.match(ask(claim), /what comes from the Temporal UI does not count here/);
    assert.match(ask(claim, gate), /^counts/);
    assert.match(ask(claim, gate, ['bob']), /^counts/);
    assert.match(ask(claim, gate, ['temporal:max']), /one yes from the Temporal UI counts, and temporal:max/);
    assert.match(ask({ actor: 'bob', roles: ['approver'] }, gate, ['temporal:max']), /^counts/);
    assert.match(ask(claim, { ...gate, reason: 'required' }), /takes a reason/);
  });

  it('once, and not where nothing waits', () => {
    assert.match(
      ask({ actor: 'bob', roles: ['approver'] }, approvalGate({ least: 2 }), ['bob']),
      /approved it already/,
    );
    assert.match(ask({ actor: 'bob', roles: ['approver'] }, approvalGate(), ['eve']), /no gate is waiting/);
  });
});

describe('N of M approvals', () => {
  const people = ['ada', 'bob', 'cy', 'dee', 'eve'];

  it('open a gate with as many different people as it wants, and no sooner, whoever says it how often', () => {
    const sayings = fc.array(fc.constantFrom(...people), { maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), sayings, (least, said) => {
        const gate = approvalGate({ least });
        let gates = [arrived(gate, NOW)];
        const counted = new Set<string>();
        for (const actor of said) {
          const statuses = gates.map((each) => buildGateStatus(each, NOW));
          const found = findApprovable(statuses, { actor, roles: ['approver'] }, 'ada');
          const isNew = actor !== 'ada' && !counted.has(actor) && counted.size < least;
          assert.equal('names' in found, isNew, `${actor} after ${[...counted].join()}`);
          if (!('names' in found)) continue;
          gates = approveGates(gates, found.names, { actor, at: new Date(NOW).toISOString() });
          counted.add(actor);
          const now = gates.map((each) => buildGateStatus(each, NOW));
          assert.match(describeApproval(now, actor), new RegExp(`${counted.size} of ${least}`));
        }
        const isOpen = buildGateStatus(gates[0]!, NOW).state === 'open';
        assert.equal(isOpen, counted.size === least);
      }),
    );
  });
});
