import { type Refusal, createRefusal } from '../refusal.ts';
import { type ServiceKey, type ServiceSettings, formatServiceId } from './service.ts';
import { type Entry, LIMITS } from './state.ts';

/** How much of a service's state its settings take, in bytes of JSON in UTF-8. */
export function measureSettings(settings: ServiceSettings): number {
  return new TextEncoder().encode(JSON.stringify(settings)).length;
}

/** Settings travel with each rollout: what is too long for that is refused, with the part that is longest. */
export function refuseLongSettings(key: ServiceKey, settings: ServiceSettings): Refusal | undefined {
  const bytes = measureSettings(settings);
  if (bytes <= LIMITS.settings) return undefined;
  const { strategy } = settings;
  const isOfMetrics = strategy.metrics !== undefined && JSON.stringify(strategy.metrics).length > bytes / 2;
  const what = isOfMetrics ? 'its metrics make most of that' : 'its strategy makes most of that';
  return createRefusal(
    'Invalid',
    `the settings of ${formatServiceId(key)} take ${bytes} bytes, and ${LIMITS.settings} are the most that a rollout carries: ${what}`,
    'shorten them, or have fewer of them',
  ).refusal;
}

/** Whether a rollout that is to wait brings more than those that wait may carry together. */
export function isTooMuchToCarry(
  queue: readonly Pick<Entry, 'settings'>[],
  { kind, settings }: Pick<Entry, 'kind' | 'settings'>,
): boolean {
  const carried = queue.reduce((sum, entry) => sum + measureSettings(entry.settings), 0);
  // What people reach for when it burns has some room of its own.
  const spare = kind === 'deploy' ? 0 : LIMITS.queueSpare * LIMITS.settings;
  return carried + measureSettings(settings) > LIMITS.queuedSettings + spare;
}
