import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { type Route, findRouteFaults, type RouteTarget } from '../../../src/domain/traffic/route.ts';

const ENDPOINT = { host: '127.0.0.1', port: 4000 };

function target(revision: number, weight: number, endpoints = [ENDPOINT]): RouteTarget {
  return { revision, weight, endpoints };
}

function route(targets: RouteTarget[], generation = 1): Route {
  return { service: { name: 'web', environment: 'production' }, generation, targets };
}

describe('faults of a route', () => {
  const sound: [string, Route][] = [
    ['no target at all', route([])],
    ['one target', route([target(1, 100)])],
    ['a split', route([target(1, 90), target(2, 10)])],
    ['an idle target without endpoints', route([target(1, 100), target(2, 0, [])])],
    [
      'a cohort at weight 0',
      { ...route([target(1, 100), target(2, 0)]), cohort: { revision: 2, header: { name: 'x-beta', value: 'yes' } } },
    ],
    ['a preview', { ...route([target(1, 100), target(2, 0)]), preview: { revision: 2 } }],
    ['a preview address of nobody', { ...route([target(1, 100)]), preview: { port: 8081 } }],
    ['the highest generation there is', route([target(1, 100)], Number.MAX_SAFE_INTEGER)],
  ];
  for (const [what, each] of sound) {
    it(`none: ${what}`, () => {
      assert.deepEqual(findRouteFaults(each), []);
    });
  }

  const faulty: [string, Route, RegExp[]][] = [
    ['too little', route([target(1, 99)]), [/^weights sum to 99, not 100$/]],
    ['too much', route([target(1, 100), target(2, 1)]), [/^weights sum to 101, not 100$/]],
    [
      'a preview of who is not listed',
      { ...route([target(1, 100)]), preview: { revision: 7 } },
      [/^the preview address leads to r7, which is not listed$/],
    ],
    [
      'a preview of who has traffic, and of who cannot answer',
      { ...route([target(1, 100, [])]), preview: { revision: 1 } },
      [/^r1 has weight 100 but no endpoint$/, /^the preview .* has no endpoint$/, /^the preview .* weight 100; use 0$/],
    ],
    ['nothing for anybody', route([target(1, 0), target(2, 0)]), [/^weights sum to 0/]],
    ['the same revision twice', route([target(1, 50), target(1, 50)]), [/^r1 is listed twice$/]],
    [
      'the same revision three times',
      route([target(1, 50), target(1, 50), target(1, 0)]),
      [/r1 .*twice/, /r1 .*twice/],
    ],
    [
      'parts of a per cent',
      route([target(1, 99.5), target(2, 0.5)]),
      [/^r1 has weight 99\.5; use a whole/, /^r2 has weight 0\.5/],
    ],
    [
      'a negative weight',
      route([target(1, 110), target(2, -10)]),
      [/^r1 has weight 110;.* 0 to 100/, /^r2 has weight -10/],
    ],
    ['just above and just below', route([target(1, 101), target(2, -1)]), [/^r1 has weight 101/, /^r2 has weight -1/]],
    [
      'a cohort of a revision that is not there',
      { ...route([target(1, 100)]), cohort: { revision: 2, header: { name: 'x-beta', value: 'yes' } } },
      [/^the cohort goes to r2, which is not listed$/],
    ],
    [
      'a cohort of nothing, to nowhere',
      { ...route([target(1, 100), target(2, 0, [])]), cohort: { revision: 2 } },
      [/^the cohort has neither a header nor a cookie/, /^the cohort goes to r2, which has no endpoint$/],
    ],
    [
      'a cohort of a closed route',
      {
        ...{ ...route([target(1, 0)]), closed: 'it goes' },
        cohort: { revision: 1, cookie: { name: 'beta', value: 'yes' } },
      },
      [/^there is a cohort, although the route is closed$/],
    ],
    ['no number', route([target(1, NaN)]), [/^weights sum to NaN/, /^r1 has weight NaN/]],
    ['traffic to nowhere', route([target(1, 100, [])]), [/^r1 has weight 100 but no endpoint$/]],
    ...[0, -1, 1.5, NaN, Infinity, 2 ** 53].map((generation): [string, Route, RegExp[]] => [
      `generation ${generation}`,
      route([target(1, 100)], generation),
      [/^generation .* is not a positive whole number$/],
    ]),
    [
      'everything at once',
      route([target(1, 50, []), target(1, 20)], 0),
      [/sum to 70/, /r1 has weight 50 but no endpoint/, /r1 is listed twice/, /generation 0/],
    ],
  ];
  for (const [what, each, faults] of faulty) {
    it(`${what}: ${faults.length}`, () => {
      const found = findRouteFaults(each);
      assert.equal(found.length, faults.length, found.join('; '));
      for (const [index, fault] of faults.entries()) assert.match(found[index]!, fault);
    });
  }

  it('none, exactly when whole weights sum to 100, each revision is there once, and traffic has somewhere to go', () => {
    const someTarget = fc.record({
      revision: fc.integer({ min: 1, max: 6 }),
      weight: fc.oneof(fc.constantFrom(0, 50, 100), fc.integer({ min: -1, max: 101 })),
      endpoints: fc.boolean().map((reachable) => (reachable ? [ENDPOINT] : [])),
    });
    fc.assert(
      fc.property(fc.array(someTarget, { maxLength: 4 }), (targets) => {
        const total = targets.reduce((sum, each) => sum + each.weight, 0);
        const sound =
          (targets.length === 0 || total === 100) &&
          new Set(targets.map((each) => each.revision)).size === targets.length &&
          targets.every((each) => each.weight >= 0 && each.weight <= 100) &&
          targets.every((each) => each.weight === 0 || each.endpoints.length > 0);
        assert.equal(findRouteFaults(route(targets)).length === 0, sound);
      }),
      { numRuns: 2000 },
    );
  });
});
