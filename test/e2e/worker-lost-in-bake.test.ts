import assert from 'node:assert/strict';
import { ANALYSIS_DEFAULTS, DEFAULT_BUDGETS } from '../../src/domain/evidence/judge/analysis-spec.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { isAlive } from '../../src/host/process-identity.ts';
import { Load } from './load.ts';
import { Platform, change, command, spec } from './platform.ts';

const { alpha } = ANALYSIS_DEFAULTS;

const CANARY: StrategySpec = {
  ...{ kind: 'canary', steps: [{ weight: 50, bakeMs: 8_000 }], bakeMs: 0 },
  analysis: { leastRequests: 100, budgets: DEFAULT_BUDGETS, errorsAtMost: 0.5, compare: { errors: { alpha } } },
};

/** So late that what follows finds the bake's time over. */
const LEFT_MS = 1_500;

describe('a worker that is lost at the end of a bake', function () {
  this.timeout(180_000);
  let platform: Platform;

  before(async () => (platform = await Platform.start()));
  after(() => (platform as Platform | undefined)?.dispose());

  async function killWorker(): Promise<void> {
    const killed = platform.partPid('worker');
    process.kill(killed, 'SIGKILL');
    await platform.until('another worker', () => {
      const part = platform.lease().parts.worker;
      return part !== undefined && part.pid !== killed && isAlive(part);
    });
  }

  it('takes nothing from a new revision of what its router has counted', async () => {
    const first = spec('web', command('one'));
    const { rollout: made } = await platform.client.apply(first, change());
    await platform.client.waitForRollout(first.service, made);
    const { route } = await platform.client.view(first.service);
    assert.ok(route);
    const load = new Load(formatEndpointUrl(route.address), 100);
    try {
      const { rollout } = await platform.client.apply(spec('web', command('two'), { strategy: CANARY }), change());
      await platform.until('the end of the bake is near', async () => {
        const { phase, wait } = await platform.client.rollout(first.service, rollout);
        return phase === 'bake' && Date.parse(wait?.until ?? '') - Date.now() < LEFT_MS;
      });
      await killWorker();
      // What it was told of must not be lost with this one.
      await killWorker();
      const status = await platform.client.waitForRollout(first.service, rollout);
      assert.equal(status.outcome, 'succeeded', status.because);
      const judged = status.verdicts.filter(({ check, phase }) => phase === 'bake' && check.startsWith('error'));
      assert.deepEqual(
        judged.map(({ verdict }) => verdict),
        ['pass', 'pass'],
      );
      assert.ok(judged.every(({ attempts }) => attempts >= 100));
    } finally {
      await load.end();
    }
    assert.deepEqual(load.failures, []);
  });
});
