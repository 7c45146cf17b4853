import assert from 'node:assert/strict';
import { LEAST_REQUESTS } from '../../src/domain/evidence/request-demand.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { Load } from './load.ts';
import { Platform, change, command, spec } from './platform.ts';

/** Enough of them to tell shares apart. */
const REQUESTS = 100;

/** Answers well until it has traffic: its checks ask for another path, as checks do that see too little. */
function failing(): ServiceSpec['blueprint'] {
  const source = [
    "const server = require('http').createServer((q, s) => {",
    "  if (q.url === '/up') s.end('up'); else q.socket.destroy(); });",
    'server.listen(process.env.PORT, process.env.HOST);',
    "process.on('SIGTERM', () => process.exit(0));",
  ].join('\n');
  return { name: 'local-process', config: { command: [process.execPath, '-e', source], stopGrace: '2s' } };
}

describe('traffic that moves in steps, under load', function () {
  this.timeout(180_000);
  let platform: Platform;
  before(async () => (platform = await Platform.share()));
  after(() => platform.dispose());

  const apply = async (wanted: ServiceSpec): Promise<RolloutStatus> => {
    const { rollout } = await platform.client.apply(wanted, change());
    return platform.client.waitForRollout(wanted.service, rollout);
  };

  /** What answers each version gave in each step, as far as is seen from outside. */
  async function observeSteps(load: Load, { service }: ServiceSpec, rollout: number): Promise<Map<number, number[]>> {
    const seen = new Map<number, number[]>();
    const counts = (): number[] => [load.seen('one'), load.seen('two')];
    let last = { step: 0, from: counts() };
    await platform.until('the rollout is over', async () => {
      const { steps, wait, outcome } = await platform.client.rollout(service, rollout);
      const step = wait?.on.includes('the end of the bake')
        ? steps.find(({ state }) => state === 'running')
        : undefined;
      if (step && step.number !== last.step) last = { step: step.number, from: counts() };
      // Until its successor has been asked for: what comes after this look is of the next step.
      if (step)
        seen.set(
          step.number,
          counts().map((count, index) => count - (last.from[index] ?? 0)),
        );
      return outcome !== undefined;
    });
    return seen;
  }

  const strategies: [string, StrategySpec, weights: number[]][] = [
    [
      'a canary',
      {
        kind: 'canary',
        steps: [
          { weight: 20, bakeMs: 1_000 },
          { weight: 60, bakeMs: 1_000 },
        ],
        ...{ bakeMs: 1_000, leastRequests: REQUESTS },
      },
      [20, 60, 100],
    ],
    ['a linear ramp', { kind: 'linear', step: 50, everyMs: 1_000, bakeMs: 1_000, leastRequests: REQUESTS }, [50, 100]],
  ];
  for (const [what, strategy, weights] of strategies) {
    it(`of ${what} has its share in each step, and costs no request`, async () => {
      const name = what.replaceAll(' ', '-');
      assert.equal((await apply(spec(name, command('one')))).outcome, 'succeeded');
      const wanted = spec(name, command('two'), { strategy });
      const { route } = await platform.client.view(wanted.service);
      assert.ok(route);
      const load = new Load(formatEndpointUrl(route.address), 200);
      const { rollout } = await platform.client.apply(wanted, change());
      const seen = await observeSteps(load, wanted, rollout);
      const status = await platform.client.rollout(wanted.service, rollout);
      await load.end();
      assert.equal(status.outcome, 'succeeded', status.because);
      assert.deepEqual(load.failures, []);
      assert.deepEqual(
        status.steps.map(({ weight, state }) => [weight, state]),
        weights.map((weight) => [weight, 'done']),
      );
      for (const [index, weight] of weights.entries()) {
        const [one = 0, two = 0] = seen.get(index + 1) ?? [];
        // A hundred requests or so were seen of each step; shares are told apart by less than half of what lies between.
        assert.ok(Math.abs((100 * two) / (one + two) - weight) < 15, `step ${index + 1}: ${one} and ${two}`);
      }
      const demanded = status.verdicts.filter(({ check }) => check === LEAST_REQUESTS);
      assert.deepEqual(
        demanded.map(({ step, verdict, attempts }) => [step, verdict, attempts >= REQUESTS]),
        weights.map((_, index) => [index + 1, 'pass', true]),
      );
      assert.ok(status.plan && status.exposure);
    });
  }

  it('puts back in its first step what only traffic shows to be broken, at the price of a small share', async () => {
    const healthy = spec('breaks', command('one'));
    assert.equal((await apply(healthy)).outcome, 'succeeded');
    const { route } = await platform.client.view(healthy.service);
    assert.ok(route);
    const load = new Load(formatEndpointUrl(route.address), 200);
    const checks = healthy.checks.map((check) => ({ ...check, path: '/up' }));
    // Nobody waits for the steps that follow: an hour of all traffic is what they might cost.
    const steps = [
      { weight: 5, bakeMs: 600_000 },
      { weight: 50, bakeMs: 600_000 },
    ];
    const strategy = { kind: 'canary', steps, bakeMs: 3_600_000 } as const;
    const status = await apply(spec('breaks', failing(), { strategy, checks }));
    await load.end();
    assert.equal(status.outcome, 'rolled-back', status.because);
    assert.deepEqual(
      status.steps.map(({ state }) => state),
      ['failed', 'skipped', 'skipped'],
    );
    const { plan, exposure } = status;
    assert.ok(plan && exposure && exposure.totalMs > 0);
    // Its first step alone might have cost a multiple of this: it was found by a look, not by the end of the bake.
    assert.ok(exposure.totalMs < plan.worstExposureMs / 100, `${exposure.totalMs} of ${plan.worstExposureMs}`);
    const after = await platform.client.view(healthy.service);
    assert.equal(after.status.live, 1);
    const share = load.failures.length / load.total;
    assert.ok(load.failures.length > 0 && share < 0.5, `${load.failures.length} of ${load.total} failed`);
  });

  it('puts back what nobody has asked for: too few requests are no pass', async () => {
    assert.equal((await apply(spec('unused', command('one')))).outcome, 'succeeded');
    const demands = { leastRequests: 10, waitForRequestsMs: 1_000 };
    const steps = [{ weight: 50, bakeMs: 1_000 }];
    const strategy: StrategySpec = { kind: 'canary', steps, bakeMs: 0, ...demands };
    const status = await apply(spec('unused', command('two'), { strategy }));
    assert.equal(status.outcome, 'rolled-back');
    assert.match(status.because ?? '', /check least requests was inconclusive: 0 of 10 requests came/);
  });
});
