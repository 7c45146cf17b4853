import assert from 'node:assert/strict';
import { computeBaselineShare } from '../../src/domain/rollout/baseline.ts';
import type { Endpoint } from '../../src/domain/service/revision.ts';
import type { Route } from '../../src/domain/traffic/route.ts';
import { ask, load } from './http.ts';
import type { RouterUnderTest } from './router-under-test.ts';
import type { Seen, Upstream } from './upstream.ts';

/** A split in three, as a rollout beside a fresh baseline writes it. */
export function baselineContract(name: string, setup: () => Promise<RouterUnderTest>): void {
  describe(`router contract, baselines: ${name}`, () => {
    let under: RouterUnderTest;
    let upstreams: Upstream[];

    beforeEach(async () => {
      under = await setup();
      upstreams = await Promise.all(['live', 'new', 'copy'].map((each) => under.startUpstream(each)));
    });

    afterEach(async () => {
      await Promise.all(upstreams.map((each) => each.stop()));
      await under.dispose();
    });

    /** r1 is live, r2 is new and r3 the baseline; without a share for that it has left the route. */
    function split(
      generation: number,
      weight: number,
      share: number | undefined = computeBaselineShare(weight),
    ): Route {
      const weights = [100 - weight - share, weight, share];
      const targets = upstreams.map(({ endpoint }, index) => ({
        revision: index + 1,
        endpoints: [endpoint],
        weight: weights[index] ?? 0,
      }));
      return { service: { name: 'web', environment: 'production' }, generation, targets };
    }

    const apply = async (route: Route): Promise<Endpoint> => {
      const { address } = await under.router.apply(route);
      await under.settle?.();
      return address;
    };

    async function shares(address: Endpoint, requests: number): Promise<number[]> {
      const counts = new Map<string, number>();
      for (let index = 0; index < requests; index += 1) {
        const { status, body } = await ask(address);
        assert.equal(status, 200, body);
        const { upstream } = JSON.parse(body) as Seen;
        counts.set(upstream, (counts.get(upstream) ?? 0) + 1);
      }
      return ['live', 'new', 'copy'].map((each) => counts.get(each) ?? 0);
    }

    it('have the share that they are given, beside the new revision and the live one', async () => {
      for (const [index, weight] of [10, 33, 50, 98, 99].entries()) {
        const address = await apply(split(index + 1, weight));
        const found = await shares(address, 100);
        const wanted = split(1, weight).targets.map((target) => target.weight);
        const isNear = found.every((count, each) => Math.abs(count - (wanted[each] ?? 0)) <= 2 * under.tolerance);
        assert.ok(isNear, `${found.join()} for ${wanted.join()}`);
      }
    });

    it('come and go under load, and no request is lost', async () => {
      const address = await apply(split(1, 0));
      const clients = load(address, 8);
      const steps = [5, 20, 50, 98, 100];
      for (const [index, weight] of steps.entries()) await apply(split(index + 2, weight));
      await under.router.drain({ name: 'web', environment: 'production' }, 3, under.drainMs ?? 5_000);
      const { targets, ...route } = split(steps.length + 2, 100);
      await apply({ ...route, targets: targets.filter(({ revision }) => revision !== 3) });
      const [, , copy] = upstreams;
      const had = copy?.requests() ?? 0;
      assert.ok(had > 0, 'it had no traffic');
      await shares(address, 20);
      assert.equal(copy?.requests(), had);
      const { failures } = await clients.stop();
      assert.deepEqual(failures, []);
    });

    it('give all traffic back in one write', async () => {
      const address = await apply(split(1, 50));
      await shares(address, 20);
      await apply(split(2, 0));
      assert.deepEqual(await shares(address, 50), [50, 0, 0]);
    });
  });
}
