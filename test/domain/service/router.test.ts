import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { toSpecRef } from '../../../src/activities/release.ts';
import { decideRequest } from '../../../src/domain/service/decisions/decide-request.ts';
import { type RouterSpec, type ServiceSpec, pickSettings } from '../../../src/domain/service/service.ts';
import { type ServiceState, createServiceState } from '../../../src/domain/service/state.ts';
import { spec, standing } from '../../workflow/samples.ts';

const KEY = { name: 'web', environment: 'production' };
const NOW = '2026-01-01T00:00:00.000Z';
const CHANGE = { actor: 'ada', requestId: 'r' };

/** Of a kind that this version lacks. */
const ELSEWHERE = { kind: 'elsewhere' } as unknown as RouterSpec;

const BASE: ServiceState = { ...createServiceState(KEY), spec: toSpecRef(spec(KEY)), lastRollout: 1, lastRevision: 1 };
const LIVE = { revisionSet: { live: standing(spec(KEY), 1), warm: [] } };
const ENTRY = { number: 1, kind: 'deploy' as const, actor: 'ada', queuedAt: NOW, settings: pickSettings(spec(KEY)) };

describe('the router of a service that stands', () => {
  const decide = (state: ServiceState, router: RouterSpec) => {
    const wanted: ServiceSpec = { ...spec(KEY), router };
    const asked = { kind: 'apply' as const, release: 'another', label: 'another', spec: toSpecRef(wanted) };
    return decideRequest(state, asked, CHANGE, { now: NOW });
  };

  const standingStates: [what: string, state: ServiceState][] = [
    ['a revision is live', { ...BASE, ...LIVE }],
    ['a revision is warm', { ...BASE, revisionSet: { warm: [standing(spec(KEY), 1)] } }],
    ['a rollout runs', { ...BASE, running: ENTRY }],
    ['a rollout waits', { ...BASE, queue: [ENTRY] }],
    ['a removal runs', { ...BASE, ...LIVE, running: { ...ENTRY, kind: 'remove' } }],
  ];
  for (const [what, state] of standingStates) {
    it(`is refused another one where ${what}, and said how to go about it`, () => {
      const decision = decide(state, ELSEWHERE);
      assert.ok(decision.kind === 'refused');
      const { type, message, suggestion = '' } = decision.refusal;
      assert.equal(type, 'Refused');
      assert.match(message, /^the traffic of web\/production is split by the embedded router, and cannot move to /);
      assert.match(suggestion, /under another name .* or remove it first/);
    });

    it(`is taken with other settings where ${what}`, () => {
      assert.equal(decide(state, { kind: 'embedded', port: 8080, drainMs: 1 }).kind, 'queued');
    });
  }

  const freeStates: [what: string, state: ServiceState][] = [
    ['the service is new', createServiceState(KEY)],
    ['nothing of it became live', BASE],
    ['it was removed', { ...BASE, removed: true }],
    [
      'a stack of what is gone waits to be torn down',
      { ...BASE, departing: [{ revision: 1, stack: 's', gone: false, since: NOW, attempts: 3, lastError: 'e' }] },
    ],
  ];
  for (const [what, state] of freeStates) {
    it(`may be any where ${what}`, () => assert.equal(decide(state, ELSEWHERE).kind, 'queued'));
  }
});
