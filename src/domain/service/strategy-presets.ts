import { DEFAULT_BAKE_MS, type StrategySpec } from './strategy.ts';

const MINUTE = 60_000;

/**
 * Strategies by name. The first nine are the predefined deployment configurations of AWS CodeDeploy for Lambda and ECS
 * (https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html), the last one is
 * `AppConfig.Canary10Percent20Minutes` of AWS AppConfig, whose 20 minutes are four shares of five.
 */
const PRESETS = {
  'all-at-once': { kind: 'blue-green', bakeMs: DEFAULT_BAKE_MS },
  'canary10-5m': canary(5),
  'canary10-10m': canary(10),
  'canary10-15m': canary(15),
  'canary10-30m': canary(30),
  'linear10-1m': linear(1),
  'linear10-2m': linear(2),
  'linear10-3m': linear(3),
  'linear10-10m': linear(10),
  'exponential10-5m': { kind: 'exponential', growth: 10, everyMs: 5 * MINUTE, bakeMs: 10 * MINUTE },
} satisfies Record<string, StrategySpec>;

export type StrategyPreset = keyof typeof PRESETS;

export const STRATEGY_PRESETS = Object.keys(PRESETS) as [StrategyPreset, ...StrategyPreset[]];

/** The strategy that a name stands for. */
export function resolvePreset(name: StrategyPreset): StrategySpec {
  return PRESETS[name];
}

function canary(minutes: number): StrategySpec {
  return { kind: 'canary', steps: [{ weight: 10, bakeMs: minutes * MINUTE }], bakeMs: DEFAULT_BAKE_MS };
}

function linear(minutes: number): StrategySpec {
  return { kind: 'linear', step: 10, everyMs: minutes * MINUTE, bakeMs: DEFAULT_BAKE_MS };
}
