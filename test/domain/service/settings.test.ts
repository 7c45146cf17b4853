import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { toSpecRef } from '../../../src/activities/release.ts';
import { applyDecision } from '../../../src/domain/service/decisions/apply-decision.ts';
import { decideRequest } from '../../../src/domain/service/decisions/decide-request.ts';
import { readClientPort } from '../../../src/domain/service/router.ts';
import { type ServiceState, createServiceState } from '../../../src/domain/service/state.ts';
import {
  CONCURRENCY_POLICIES,
  DRIFT_POLICIES,
  type ServiceSettings,
  pickSettings,
} from '../../../src/domain/service/service.ts';
import { fitRetention, compareSettings } from '../../../src/domain/service/settings.ts';
import { spec, standing } from '../../workflow/samples.ts';

const KEY = { name: 'web', environment: 'production' };
const NOW = '2026-01-01T00:00:00.000Z';

const running = {
  ...{ number: 7, kind: 'deploy' as const, actor: 'ada', queuedAt: NOW },
  settings: pickSettings(spec(KEY)),
};

/** r3 is live, r2 and r1 are warm. */
function serving(more: Partial<ServiceState> = {}): ServiceState {
  const [live, ...warm] = [3, 2, 1].map((number) => standing(spec(KEY), number));
  return {
    ...createServiceState(KEY),
    spec: toSpecRef(spec(KEY, { warm: 2 })),
    revisionSet: { live: live!, warm },
    ...more,
  };
}

const someSettings: fc.Arbitrary<ServiceSettings> = fc.record(
  {
    router: fc.record(
      {
        kind: fc.constant('embedded' as const),
        port: fc.integer({ min: 1, max: 65_535 }),
        listen: fc.constantFrom('0.0.0.0', '10.0.0.5'),
        strictPort: fc.boolean(),
        drainMs: fc.nat(86_400_000),
      },
      { requiredKeys: ['kind'] },
    ),
    strategy: fc.record({ kind: fc.constant('blue-green' as const), bakeMs: fc.nat(1_000_000) }),
    retention: fc.record({ warm: fc.nat(10), warmForMs: fc.nat(1_000_000_000) }),
    concurrency: fc.constantFrom(...CONCURRENCY_POLICIES),
    drift: fc.constantFrom(...DRIFT_POLICIES),
  },
  { requiredKeys: ['router', 'strategy', 'retention'] },
);

describe('settings that are changed', () => {
  const changed = (state: ServiceState, next: Partial<ServiceSettings>) =>
    compareSettings(state, { ...pickSettings(spec(KEY, { warm: 2 })), ...next }).map(
      ({ setting, from, to, effect }) => `${setting} ${from} → ${to}: ${effect}`,
    );
  const port = { kind: 'embedded' as const, port: 8080 };
  const listening: ServiceSettings = {
    ...pickSettings(spec(KEY, { warm: 2 })),
    router: { kind: 'embedded', listen: '0.0.0.0' },
  };

  const cases: [what: string, state: ServiceState, next: Partial<ServiceSettings>, wanted: string[]][] = [
    ['none', serving(), {}, []],
    ['of a service that is new', { ...createServiceState(KEY) }, { router: port }, []],
    [
      'a port',
      serving(),
      { router: port },
      ['router.port any → 8080: clients are moved there now; what is in flight goes on'],
    ],
    [
      'a port beside a rollout',
      serving({ running }),
      { router: port },
      ['router.port any → 8080: clients are moved there once rollout 7 has ended'],
    ],
    [
      'a port of what is not live',
      serving({ revisionSet: { warm: [] } }),
      { router: port },
      ['router.port any → 8080: counts from the first rollout on'],
    ],
    [
      'a port that is insisted on, a drain',
      serving(),
      { router: { ...port, strictPort: true, drainMs: 5_000 } },
      [
        'router.port any → 8080: clients are moved there now; what is in flight goes on',
        'router.strictPort false → true: counts from the next deployment on',
        'router.drain 30s → 5s: counts from now on',
      ],
    ],
    [
      'an address',
      serving(),
      { router: { kind: 'embedded', listen: '0.0.0.0' } },
      ["router.listen the router's own → 0.0.0.0: clients are moved there now; what is in flight goes on"],
    ],
    [
      'an address no more',
      serving({ spec: { digest: 'd', settings: listening } }),
      { router: { kind: 'embedded' } },
      ["router.listen 0.0.0.0 → the router's own: counts from the next rollout on"],
    ],
    [
      'an address no more, and a port',
      serving({ spec: { digest: 'd', settings: { ...listening, router: { ...port, listen: '::1' } } } }),
      { router: port },
      ["router.listen ::1 → the router's own: clients are moved there now; what is in flight goes on"],
    ],
    [
      'fewer kept warm',
      serving(),
      { retention: { warm: 1, warmForMs: 3_600_000 } },
      ['retention.warm 2 → 1: r1 is retired'],
    ],
    [
      'none kept warm, one of them pinned',
      serving({ pinned: [2] }),
      { retention: { warm: 0, warmForMs: 3_600_000 } },
      ['retention.warm 2 → 0: r1 is retired'],
    ],
    [
      'fewer kept warm beside a rollout',
      serving({ running }),
      { retention: { warm: 0, warmForMs: 60_000 } },
      [
        'retention.warm 2 → 0: counts once rollout 7 has ended',
        'retention.for 3600s → 60s: counts since each became warm',
      ],
    ],
    [
      'bake and policy',
      serving(),
      { strategy: { kind: 'blue-green', bakeMs: 2_000 }, concurrency: 'reject' },
      ['strategy.bake 0s → 2s: counts from the next rollout on', 'concurrency queue → reject: counts from now on'],
    ],
    [
      'how traffic moves, and what a bake needs',
      serving(),
      {
        strategy: {
          kind: 'canary',
          steps: [
            { weight: 5, bakeMs: 600_000 },
            { weight: 50, bakeMs: 60_000 },
          ],
          ...{ bakeMs: 0, leastRequests: 100 },
        },
      },
      [
        'strategy all traffic at once → 5 % for 10m, 50 % for 1m: counts from the next rollout on',
        'strategy.leastRequests any → 100, waited for 600s at most: counts from the next rollout on',
      ],
    ],
    ['what drift means', serving({}), { drift: 'block' }, ['drift report → block: counts from the next rollout on']],
  ];
  for (const [what, state, next, wanted] of cases) {
    it(`are told with what that does: ${what}`, () => assert.deepEqual(changed(state, next), wanted));
  }

  it('are told, all of them and no others, whichever they are', () => {
    const clientPort = ({ port, listen, strictPort = false }: ReturnType<typeof readClientPort>) => [
      ...[port, listen, strictPort],
    ];
    const shown = ({ router, strategy, retention, concurrency, drift }: ServiceSettings) => [
      ...[...clientPort(readClientPort(router)), router.drainMs ?? 30_000, strategy.bakeMs],
      ...[retention.warm, retention.warmForMs, concurrency ?? 'queue', drift ?? 'report'],
    ];
    fc.assert(
      fc.property(someSettings, someSettings, (before, next) => {
        const state = serving({ spec: { digest: 'd', settings: before } });
        const [one, other] = [shown(before), shown(next)];
        assert.equal(compareSettings(state, next).length, one.filter((value, index) => value !== other[index]).length);
        assert.deepEqual(compareSettings(state, before), []);
      }),
    );
  });

  it('are due once they are asked for without a rollout, and are on record with either', () => {
    const release = (number: number) => standing(spec(KEY), number).revision.release;
    const described = toSpecRef(spec(KEY, { warm: 0 }));
    const change = { actor: 'ada', requestId: 'r' };
    for (const [asked, isDue] of [
      [release(3), true],
      ['another', false],
    ] as const) {
      const decision = decideRequest(
        serving(),
        { kind: 'apply', release: asked, label: 'x', spec: described },
        change,
        {
          now: NOW,
        },
      );
      assert.ok(decision.kind !== 'refused');
      assert.deepEqual(
        decision.changes?.map(({ setting }) => setting),
        ['retention.warm'],
      );
      const after = applyDecision(serving(), decision, {
        requestId: 'r',
        fingerprint: 'f',
        receipt: decision.receipt,
        at: NOW,
      });
      assert.equal(after.settingsDue, isDue ? NOW : undefined);
    }
  });
});

describe('a line-up under another retention', () => {
  const property = fc.property(
    fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }),
    fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
    fc.nat(6),
    fc.nat(10_000_000),
    (numbers, pinned, kept, warmForMs) => {
      const warm = numbers.map((number) => standing(spec(KEY), number));
      const fitted = fitRetention({ warm }, { warm: kept, warmForMs }, pinned);
      const retired = fitted.retire.map(({ revision }) => revision.number);
      const counted = numbers.filter((number) => !pinned.includes(number));
      assert.deepEqual(retired, counted.slice(kept).reverse(), 'the oldest goes first, and none that is pinned');
      for (const each of fitted.revisionSet.warm) {
        assert.equal(Date.parse(each.warmUntil ?? '') - Date.parse(each.since), warmForMs);
      }
      assert.deepEqual(fitRetention(fitted.revisionSet, { warm: kept, warmForMs }, pinned), fitted, 'twice is once');
    },
  );

  it('keeps as many as it says, beside those that are pinned, each for as long as it says', () => {
    fc.assert(property);
  });
});
