import type { Endpoint } from '../../domain/service/revision.ts';
import type { RulePlace } from './rule-place.ts';

/** What does not change while a target group or a listener exists, or hardly ever, is asked for once in so long. */
const KEPT_MS = 300_000;

/** What AWS says unless a group says otherwise. */
const DEFAULT_DELAY_SECONDS = 300;
const DEFAULT_COOKIE_SECONDS = 86_400;

/** Remembers what the routers of an installation have asked AWS for. */
export class AlbFacts {
  readonly #kept = new Map<string, { until: number; value: Promise<unknown> }>();

  readAddress(place: RulePlace): Promise<Endpoint> {
    return this.#remember(`address ${place.arn}`, () => place.readAddress());
  }

  /** A group's deregistration delay. */
  async readDelayMs(place: RulePlace, group: string): Promise<number> {
    const attributes = await this.#attributes(place, group);
    return Number(attributes['deregistration_delay.timeout_seconds'] ?? DEFAULT_DELAY_SECONDS) * 1_000;
  }

  /** For how long a group keeps its clients; undefined where it does not. */
  async readStickySeconds(place: RulePlace, group: string): Promise<number | undefined> {
    const attributes = await this.#attributes(place, group);
    if (attributes['stickiness.enabled'] !== 'true') return undefined;
    return Number(attributes['stickiness.lb_cookie.duration_seconds'] ?? DEFAULT_COOKIE_SECONDS);
  }

  #attributes(place: RulePlace, group: string): Promise<Record<string, string>> {
    return this.#remember(`attributes ${group}`, () => place.readGroupAttributes(group));
  }

  #remember<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(key);
    if (kept && kept.until > performance.now()) return kept.value as Promise<T>;
    const value = ask();
    this.#kept.set(key, { until: performance.now() + KEPT_MS, value });
    value.catch(() => this.#kept.delete(key));
    return value;
  }
}
