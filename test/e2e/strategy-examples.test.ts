import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { parseManifest } from '../../src/config/manifest/parse.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import type { ServiceKey, ServiceSpec } from '../../src/domain/service/service.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { Load } from './load.ts';
import { Platform, change } from './platform.ts';

const SHORT_MS = 1_000;

/** The example as it stands, but for the times of its strategy: a second each. */
function readExample(path: string, greeting: string): ServiceSpec {
  const parsed = parseManifest(readFileSync(path, 'utf8'), resolve(path, '..'));
  assert.ok(parsed.ok, path);
  const { blueprint, strategy, ...spec } = parsed.spec;
  const { config } = blueprint;
  return {
    ...spec,
    blueprint: { ...blueprint, config: { ...config, env: { GREETING: greeting } } },
    strategy: shorten(strategy),
  };
}

/** Bakes and steps; what is for an audience lasts until the test has looked. */
function shorten(strategy: StrategySpec): StrategySpec {
  const short = (key: string, value: unknown): unknown =>
    ['bakeMs', 'everyMs'].includes(key) ? Math.min(value as number, SHORT_MS) : value;
  const shortened = JSON.parse(JSON.stringify(strategy, short)) as StrategySpec;
  return 'cohort' in strategy ? { ...shortened, cohort: strategy.cohort } : shortened;
}

/** What the second revision was seen to do. */
interface Seen {
  status: RolloutStatus;
  /** The greetings of requests without and with what its audience sends, in its first step. */
  first: [others: string, audience: string];
  load: Load;
  /** How its preview address answers once it is live. */
  after?: number;
}

/** By which headers the audience of an example asks for the new revision. */
const AUDIENCES: Record<string, Record<string, string>> = {
  'canary-cohort': { 'x-beta': 'yes' },
  'blue-green-inspection': { cookie: 'a=b; supplant-revision=r2' },
};

/** The example whose second revision is looked at at an address of its own. */
const PREVIEW = 'blue-green-preview';

describe('the examples of strategies', function () {
  this.timeout(180_000);
  let platform: Platform;
  const running = new Map<string, Promise<Seen>>();
  const paths = globSync('examples/strategies/*.yaml');
  const nameOf = (path: string): string => basename(path, '.yaml');

  before(async () => {
    platform = await Platform.share();
    for (const path of paths) {
      const seen = replace(path);
      running.set(path, seen);
      // Told by its own test.
      seen.catch(() => undefined);
    }
  });
  after(async () => {
    await Promise.allSettled(running.values());
    await platform.dispose();
  });

  async function greeting(url: string, headers: Record<string, string> = {}): Promise<string> {
    return (await (await fetch(url, { headers })).text()).split(' ')[0] ?? '';
  }

  async function deploy(spec: ServiceSpec): Promise<number> {
    const { rollout } = await platform.client.apply(spec, change());
    return rollout;
  }

  /** Once it is waited for. */
  async function approve(service: ServiceKey, rollout: number): Promise<void> {
    await platform.until('an approval is waited for', async () => {
      const { rollout: shown } = await platform.client.view(service);
      return shown?.number === rollout && (shown.outcome !== undefined || shown.wait?.on.includes('approv') === true);
    });
    await platform.client.act(service, 'approve', { rollout, ...change() });
  }

  /** Two revisions under load, the second by the strategy of the example. */
  async function replace(path: string): Promise<Seen> {
    const { service, ...spec } = readExample(path, 'Hello');
    const made = await deploy({ service, ...spec });
    if (nameOf(path) === PREVIEW) await approve(service, made);
    assert.equal((await platform.client.waitForRollout(service, made)).outcome, 'succeeded');
    const { route } = await platform.client.view(service);
    assert.ok(route);
    const url = formatEndpointUrl(route.address);
    const load = new Load(url, 60);
    try {
      const rollout = await deploy(readExample(path, 'Welcome'));
      await platform.until(`${path} moves traffic`, async () => {
        const { rollout: shown } = await platform.client.view(service);
        if (shown?.number !== rollout) return false;
        return shown.outcome !== undefined || /bake|promote|approv/.test(shown.wait?.on ?? '');
      });
      const looked = (await platform.client.view(service)).route?.preview;
      const first: Seen['first'] = [
        await greeting(url),
        await (looked ? greeting(formatEndpointUrl(looked.address)) : greeting(url, AUDIENCES[nameOf(path)])),
      ];
      if (AUDIENCES[nameOf(path)]) {
        await platform.client.act(service, 'promote', { rollout, ...change() });
      }
      if (nameOf(path) === PREVIEW) await approve(service, rollout);
      const status = await platform.client.waitForRollout(service, rollout);
      const after = looked && (await fetch(formatEndpointUrl(looked.address))).status;
      return { status, first, load, ...(after === undefined ? {} : { after }) };
    } finally {
      await load.end();
    }
  }

  it('are there for each kind of strategy, for presets and for an analysis', () =>
    assert.deepEqual(paths.map(nameOf).sort(), [
      ...['analysis', 'blue-green', 'blue-green-inspection', PREVIEW, 'canary', 'canary-cohort'],
      'canary-fresh-baseline',
      ...['exponential', 'linear', 'preset'],
    ]));

  const steps: Record<string, string> = {
    analysis: '50 100',
    'blue-green': '100',
    'blue-green-inspection': 'inspection 100',
    [PREVIEW]: '100',
    canary: '5 50 100',
    'canary-cohort': 'cohort 10 100',
    'canary-fresh-baseline': '40 100',
    exponential: '10 20 40 80 100',
    linear: '25 50 75 100',
    preset: '10 100',
  };
  for (const path of paths) {
    it(`replaces a revision by ${nameOf(path)}, and costs no request`, async () => {
      const { status, first, load, after } = await running.get(path)!;
      assert.equal(status.outcome, 'succeeded', status.because);
      const told = status.steps.map(({ weight, audience }) => audience ?? weight).join(' ');
      assert.equal(told, steps[nameOf(path)]);
      assert.deepEqual(load.failures, []);
      assert.equal(after, nameOf(path) === PREVIEW ? 503 : undefined);
      if (AUDIENCES[nameOf(path)] ?? after) assert.deepEqual(first, ['Hello', 'Welcome']);
    });
  }
});
