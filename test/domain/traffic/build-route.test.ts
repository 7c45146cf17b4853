import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { findRouteFaults } from '../../../src/domain/traffic/route.ts';
import type { DeployedRevision } from '../../../src/domain/service/revision-set.ts';
import { buildRoute, buildSplitRoute } from '../../../src/domain/traffic/build-route.ts';
import { computeRolloutGeneration } from '../../../src/domain/traffic/generation.ts';
import { revision, someEndpoint, someRevisionSet, someService } from '../arbitrary.ts';

function place(number: number): DeployedRevision {
  return { revision: revision(number), endpoints: [{ host: '127.0.0.1', port: 4000 + number }] };
}

const numbers = (standings: readonly { revision: { number: number } }[]): number[] =>
  standings.map((each) => each.revision.number);

describe('routing to a revision', () => {
  it('gives it all the traffic and lists the rest at none, in a route that may be written', () =>
    fc.assert(
      fc.property(
        someService,
        someRevisionSet,
        someEndpoint,
        fc.integer({ min: 1, max: 1e6 }),
        (service, revisionSet, endpoint, number) => {
          const target = { revision: revision(7), endpoints: [endpoint] };
          const idle = [...(revisionSet.live ? [revisionSet.live] : []), ...revisionSet.warm];
          const route = buildRoute(service, computeRolloutGeneration(number, 1), target, idle);
          assert.deepEqual(findRouteFaults(route), []);
          assert.equal(
            route.targets.reduce((sum, each) => sum + each.weight, 0),
            100,
          );
          assert.deepEqual(route.targets[0], { revision: 7, endpoints: [endpoint], weight: 100 });
          const rest = route.targets.slice(1);
          assert.ok(rest.every((each) => each.weight === 0));
          assert.deepEqual(
            rest.map((each) => each.revision),
            numbers(idle).filter((each) => each !== 7),
          );
        },
      ),
    ));

  it('names a port only where one was asked for', () => {
    const service = { name: 'web', environment: 'production' };
    assert.ok(!('port' in buildRoute(service, 1, place(1), [])));
    assert.equal(buildRoute(service, 1, place(1), [], { port: 8080 }).port, 8080);
  });
});

describe('splitting traffic between two revisions', () => {
  it('gives each its share and all others none, in a route that may be written', () =>
    fc.assert(
      fc.property(someRevisionSet, fc.integer({ min: 0, max: 100 }), someEndpoint, (revisionSet, weight, endpoint) => {
        const { live: rest, warm: idle } = revisionSet;
        fc.pre(rest !== undefined);
        const target = { revision: revision(99), endpoints: [endpoint] };
        const split = { target, weight, rest, idle };
        const route = buildSplitRoute({ name: 'web', environment: 'production' }, 1, split);
        assert.deepEqual(findRouteFaults(route), []);
        assert.deepEqual(
          route.targets.map((each) => [each.revision, each.weight]),
          [[99, weight], [rest.revision.number, 100 - weight], ...numbers(idle).map((each) => [each, 0])],
        );
      }),
    ));

  it('lists a revision once, also where it is warm', () => {
    const split = { target: place(2), weight: 10, rest: place(3), idle: [place(2), place(1)] };
    const { targets } = buildSplitRoute({ name: 'web', environment: 'production' }, 1, split);
    assert.deepEqual(
      targets.map((each) => [each.revision, each.weight]),
      [
        [2, 10],
        [3, 90],
        [1, 0],
      ],
    );
  });

  it('is no route that may be written where nobody has the rest', () => {
    const route = buildSplitRoute({ name: 'web', environment: 'production' }, 1, {
      target: place(2),
      weight: 10,
      idle: [],
    });
    assert.deepEqual(findRouteFaults(route), ['weights sum to 10, not 100']);
  });
});
