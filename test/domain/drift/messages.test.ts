import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { driftIds } from '../../../src/domain/drift/ids.ts';
import { readDriftScope } from '../../../src/domain/drift/messages.ts';

const service = { name: 'web', environment: 'production' };
const check = driftIds.check(service, 'r-1');
const scheduled = `${driftIds.look}-2026-01-01T00:00:00Z`;
const tally = { looked: 1, failed: 0, drifted: 0 };

describe('how a look for drift begins', () => {
  const cases = [
    ['by its schedule', undefined, { workflowId: scheduled }, {}],
    ['by a gateway, at all', undefined, { workflowId: driftIds.checkAll('r-1') }, {}],
    ['by a gateway, at one service', { service }, { workflowId: check }, { service }],
    ['at another service than its id says', { service: { ...service, name: 'x' } }, { workflowId: check }, undefined],
    ['at all, by the id of one', undefined, { workflowId: check }, undefined],
    ['at one, by the id of all', { service }, { workflowId: scheduled }, undefined],
    ['at nothing that could be a service', { service: 'web' }, { workflowId: check }, undefined],
    ['by another workflow', undefined, { workflowId: scheduled, parentId: 'x' }, undefined],
    ['in the middle, by anyone', { after: 'x', tally }, { workflowId: scheduled }, {}],
    ['in a new run', { after: 'x', tally }, { workflowId: scheduled, isContinued: true }, { after: 'x', tally }],
    ['with a text', 'all', { workflowId: scheduled }, undefined],
  ] as const;
  for (const [name, given, start, scope] of cases) {
    it(`${name}: ${scope ? 'it looks' : 'it is refused'}`, () => {
      assert.deepEqual(readDriftScope(given, { isContinued: false, ...start }), scope);
    });
  }
});
