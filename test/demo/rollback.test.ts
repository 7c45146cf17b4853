import assert from 'node:assert/strict';
import { carriesAll, measureRollback } from '../../demo/rollback.ts';
import type { RouteObservation } from '../../src/domain/traffic/route.ts';

const service = { name: 'web', environment: 'production' };

function route(generation: number, weights: Record<number, number>): RouteObservation {
  const targets = Object.entries(weights).map(([revision, weight]) => ({
    ...{ revision: Number(revision), weight, endpoints: [] },
    ...{ inFlight: 0, upgraded: 0, served: 0, failed: 0 },
  }));
  return { service, generation, address: { host: '127.0.0.1', port: 1 }, targets };
}

describe("the demo's rollback", () => {
  const cases: [what: string, seen: RouteObservation | undefined, wanted: boolean][] = [
    ['no route', undefined, false],
    ['the route before', route(3, { 1: 0, 2: 100 }), false],
    ['a split', route(4, { 1: 50, 2: 50 }), false],
    ['all on the warm one', route(4, { 1: 100, 2: 0 }), true],
    ['all on it, but in an old route', route(3, { 1: 100 }), false],
  ];
  for (const [what, seen, wanted] of cases) {
    it(`is ${wanted ? '' : 'not '}done with ${what}`, () => assert.equal(carriesAll(seen, 3, 1), wanted));
  }

  it('is not measured where it is refused', async () => {
    const router = { observe: async () => route(3, { 2: 100 }) };
    const refused = (): Promise<never> => Promise.reject(new Error('nothing to go back to'));
    await assert.rejects(measureRollback(router, service, 1, refused), /nothing to go back to/);
  });
});
