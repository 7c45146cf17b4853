import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { ApiError } from '../../src/contract/supplant-client.ts';
import {
  ANALYSIS_DEFAULTS,
  type BaselineKind,
  DEFAULT_BUDGETS,
} from '../../src/domain/evidence/judge/analysis-spec.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { formatEndpointUrl, formatStackName } from '../../src/domain/service/revision.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { Load } from './load.ts';
import { Platform, change, spec } from './platform.ts';

/** How long a server takes for a request under traffic, in milliseconds: its first ones, and all others. */
interface Pace {
  first: number;
  later: number;
}

/** So many requests are the first ones: more than a step sends to a revision, and fewer than a live one has had. */
const FIRST = 500;

/** Checks ask for another path, which takes no time. */
function server(version: string, { first, later }: Pace, startMs = 0): ServiceSpec['blueprint'] {
  const source = [
    `const version = ${JSON.stringify(version)}; let asked = 0;`,
    "const server = require('http').createServer((q, s) => {",
    "  if (q.url === '/up') return s.end(version);",
    `  setTimeout(() => s.end(version), (asked += 1) <= ${FIRST} ? ${first} : ${later}); });`,
    `setTimeout(() => server.listen(process.env.PORT, process.env.HOST), ${startMs});`,
    "process.on('SIGTERM', () => process.exit(0));",
  ].join('\n');
  return { name: 'local-process', config: { command: [process.execPath, '-e', source], stopGrace: '2s' } };
}

const { alpha, confidence, mayRise } = ANALYSIS_DEFAULTS;

/** Half of the traffic, for as long as it takes to have enough of it. */
const canary = (baseline: BaselineKind, bakeMs = 1_000): StrategySpec => ({
  ...{ kind: 'canary', steps: [{ weight: 50, bakeMs }], bakeMs: 0, leastRequests: 200 },
  analysis: {
    compare: {
      ...(baseline === 'fresh' ? { baseline } : {}),
      ...{ errors: { alpha }, latency: { confidence, mayRise } },
    },
    ...{ leastRequests: 100, budgets: DEFAULT_BUDGETS },
  },
});

/** It gets slower with what it has seen, as what leaks does. */
const AGES: Pace = { first: 2, later: 60 };
/** Slower than that is at first, and faster than it becomes. */
const SLOW: Pace = { first: 30, later: 30 };
/** Its caches are cold at first. */
const COLD: Pace = { first: 40, later: 2 };

const STRATEGY: StrategySpec = { kind: 'blue-green', bakeMs: 0 };

function described(name: string, blueprint: ServiceSpec['blueprint'], strategy = STRATEGY): ServiceSpec {
  const plain = spec(name, blueprint, { strategy });
  return { ...plain, checks: plain.checks.map((check) => ({ ...check, path: '/up', deadlineMs: 15_000 })) };
}

/** One revision is live and has had traffic for a while. */
async function makeLive(platform: Platform, name: string, pace: Pace): Promise<Load> {
  const first = described(name, server('one', pace));
  const { rollout } = await platform.client.apply(first, change());
  assert.equal((await platform.client.waitForRollout(first.service, rollout)).outcome, 'succeeded');
  const { route } = await platform.client.view(first.service);
  assert.ok(route);
  const load = new Load(formatEndpointUrl(route.address), 200);
  await platform.until('it has had its first requests', () => load.seen('one') > FIRST);
  return load;
}

/** What runs of r3, the baseline. */
function runs(platform: Platform, name: string): Promise<number[]> {
  return platform.pids(formatStackName({ name, environment: 'test' }, 3));
}

async function goes(platform: Platform, name: string): Promise<void> {
  await platform.until('the baseline is gone', async () => (await runs(platform, name)).length === 0);
  const { revisions } = await platform.client.history({ name, environment: 'test' });
  const copy = revisions.find(({ number }) => number === 3);
  assert.deepEqual([copy?.copyOf, copy?.state], [1, 'retired']);
}

describe('a revision that is held against a fresh baseline', function () {
  this.timeout(240_000);
  let platform: Platform;
  before(async () => (platform = await Platform.share()));
  after(() => platform.dispose());

  async function replace(name: string, live: Pace, next: Pace, baseline: BaselineKind): Promise<RolloutStatus> {
    const load = await makeLive(platform, name, live);
    try {
      const wanted = described(name, server('two', next), canary(baseline));
      const { rollout } = await platform.client.apply(wanted, change());
      return await platform.client.waitForRollout(wanted.service, rollout);
    } finally {
      const { failures } = await load.end();
      assert.deepEqual(failures, []);
    }
  }

  it('is caught where it is slower than that, though not than the live one by now', async () => {
    const kept = await replace('ages-live', AGES, SLOW, 'live');
    assert.equal(kept.outcome, 'succeeded', kept.because);
    const status = await replace('ages', AGES, SLOW, 'fresh');
    assert.equal(status.outcome, 'rolled-back', status.because);
    assert.match(
      status.because ?? '',
      /check latency against baseline failed: .* above that of r3 \(a fresh copy of r1\)/,
    );
    assert.equal(status.baseline, 3);
    await goes(platform, 'ages');
  });

  it('becomes live where it is as cold as that, though slower than the live one', async () => {
    const refused = await replace('cold-live', COLD, COLD, 'live');
    assert.equal(refused.outcome, 'rolled-back', refused.because);
    assert.match(refused.because ?? '', /latency against live/);
    const status = await replace('cold', COLD, COLD, 'fresh');
    assert.equal(status.outcome, 'succeeded', status.because);
    const found = status.verdicts.filter(({ check }) => check.endsWith('against baseline'));
    assert.deepEqual(
      found.map(({ check, verdict }) => `${check} ${verdict}`),
      ['errors against baseline pass', 'latency against baseline pass'],
    );
    await goes(platform, 'cold');
    const { route } = await platform.client.view({ name: 'cold', environment: 'test' });
    assert.ok(!route?.targets.some(({ revision }) => revision === 3));
  });

  it('has the same share, and neither is left after an abort', async () => {
    const name = 'aborted-beside';
    const load = await makeLive(platform, name, COLD);
    const wanted = described(name, server('two', COLD), canary('fresh', 600_000));
    const { rollout } = await platform.client.apply(wanted, change());
    const weights = async () => {
      const { route } = await platform.client.view(wanted.service);
      return route?.targets.map(({ revision, weight }) => `r${revision} ${weight}`).join(', ');
    };
    await platform.until('traffic is split in three', async () => (await weights()) === 'r2 50, r3 49, r1 1');
    const { status } = await platform.client.view(wanted.service);
    const copy = status.revisions.find(({ number }) => number === 3);
    assert.deepEqual([copy?.copyOf, copy?.state], [1, 'ready']);
    await platform.client.act(wanted.service, 'abort', { rollout, ...change() });
    assert.equal((await platform.client.waitForRollout(wanted.service, rollout)).outcome, 'aborted');
    assert.deepEqual((await load.end()).failures, []);
    await goes(platform, name);
    assert.equal(await weights(), 'r1 100');
    assert.equal((await platform.pidsOf(wanted.service)).length, 1);
  });
});

describe('a worker that is killed beside a fresh baseline', function () {
  this.timeout(240_000);
  let platform: Platform;
  before(async () => (platform = await Platform.start({ anyPorts: true })));
  after(() => (platform as Platform | undefined)?.dispose());

  /** Once another one runs in its place. */
  async function kill(): Promise<void> {
    const killed = platform.partPid('worker');
    process.kill(killed, 'SIGKILL');
    const { parts } = platform.lease();
    assert.equal(parts.worker?.pid, killed);
    await platform.until('another worker runs', () => (platform.lease().parts.worker?.pid ?? killed) !== killed);
  }

  it('leaves nothing of it, whether it dies while that is made or while it has traffic', async () => {
    const name = 'killed';
    const load = await makeLive(platform, name, COLD);
    const wanted = described(name, server('two', COLD, 2_000), canary('fresh', 600_000));
    const { rollout } = await platform.client.apply(wanted, change());
    await platform.until('the baseline is being made', async () => (await runs(platform, name)).length > 0);
    await kill();
    await platform.until('it has traffic', async () => {
      const { route } = await platform.client.view(wanted.service);
      return route?.targets.some(({ revision, weight }) => revision === 3 && weight === 49) ?? false;
    });
    await kill();
    // The next worker may still be starting: the same request is asked again.
    const promotion = { rollout, ...change() };
    await platform.until('it is promoted', () =>
      platform.client.act(wanted.service, 'promote', promotion).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ApiError && error.reason === 'UNAVAILABLE') return false;
          throw error;
        },
      ),
    );
    const { outcome, because } = await platform.client.waitForRollout(wanted.service, rollout);
    assert.equal(outcome, 'succeeded', because);
    await goes(platform, name);
    assert.deepEqual((await load.end()).failures, []);
    const removal = await platform.client.remove(wanted.service, change());
    assert.equal((await platform.client.waitForRollout(wanted.service, removal.rollout)).outcome, 'succeeded');
    assert.deepEqual(await platform.pidsOf(wanted.service), []);
    assert.equal((await platform.client.verifyAudit()).ok, true);
  });
});
