import { setTimeout as sleep } from 'node:timers/promises';
import { formatServiceId, type ServiceKey } from '../../domain/service/service.ts';
import type { Route } from '../../domain/traffic/route.ts';
import { InvalidRouteError, RouteChangedError, RouterUnreachableError, StaleGenerationError } from '../router.ts';
import { type Forwarding, formatForwarding, readForwarding, writeForwarding } from './forwarding.ts';
import { CLIENT_LIMITS } from './limits.ts';
import type { RulePlace } from './rule-place.ts';
import { type WrittenRoute, groupOf, isOf, listLeftTags, readWrittenRoute, toTags } from './written-route.ts';

/** What a rule does, and what Supplant has put on record there. */
export interface FoundRule {
  forwarding: Forwarding;
  /** The forwarding in words. */
  words: string;
  /** Absent where Supplant has written nothing, or only for a service that has left since. */
  written: WrittenRoute | undefined;
  names: ReadonlyMap<string, number>;
  /** All actions; the ones before the last are kept as they are. */
  actions: Awaited<ReturnType<RulePlace['read']>>['actions'];
}

/** Reads and writes a rule together with what is on record about it. */
export class RuleRecord {
  readonly #place: RulePlace;

  constructor(place: RulePlace) {
    this.#place = place;
  }

  /** @param route brings names for target groups that are not on record yet */
  async read(service: ServiceKey, route?: Route): Promise<FoundRule> {
    const { actions, tags } = await this.#place.read();
    const onRecord = readWrittenRoute(tags);
    const written = onRecord && (isOf(onRecord, service) || onRecord.state !== 'removed') ? onRecord : undefined;
    const names = new Map(written?.revisions.map(({ group, revision }) => [group, revision]));
    for (const { revision, endpoints } of route?.targets ?? []) {
      const group = groupOf(endpoints);
      if (group !== undefined && !names.has(group)) names.set(group, revision);
    }
    const forwarding = readForwarding(actions);
    return { forwarding, words: formatForwarding(forwarding, names), written, names, actions };
  }

  /** Reads again until the rule shows what Supplant wrote, as long as reads may be late, or somebody has changed it. */
  async readSettled(service: ServiceKey, route?: Route): Promise<FoundRule> {
    const until = performance.now() + CLIENT_LIMITS.changedMs;
    for (;;) {
      const found = await this.read(service, route);
      if (isAsWritten(found) || performance.now() >= until) return found;
      await sleep(CLIENT_LIMITS.readBackPauseMs);
    }
  }

  /**
   * Puts a write on record, makes it, and reads it back.
   * @throws RouteChangedError when somebody else wrote meanwhile
   * @throws StaleGenerationError when a newer write was put on record meanwhile
   */
  async write(service: ServiceKey, found: FoundRule, written: WrittenRoute, steps: readonly Writable[]): Promise<void> {
    await this.#place.writeTags(toTags(written));
    for (const step of steps) await this.#forward(service, found, written, step);
    const { via, ...rest } = written;
    const done: WrittenRoute = { ...rest, before: written.after };
    const left = [...listLeftTags(found.written, written), ...(via === undefined ? [] : ['supplant:via'])];
    await this.#place.writeTags(toTags(done), left);
  }

  async #forward(service: ServiceKey, found: FoundRule, written: WrittenRoute, step: Writable): Promise<void> {
    const names = new Map([
      ...found.names,
      ...written.revisions.map(({ group, revision }) => [group, revision] as const),
    ]);
    const words = formatForwarding(step.forwarding, names);
    if (words !== found.words || step.isAlways) {
      // The last look: whoever writes from here on to the write is not seen before it.
      const last = await this.readSettled(service);
      assertMine(last.written, written);
      assertUnchanged(this.#place.arn, last, undefined);
      await this.#place.writeActions([...found.actions.slice(0, -1), writeForwarding(step.forwarding)]);
    }
    const until = performance.now() + CLIENT_LIMITS.readBackMs;
    for (;;) {
      const seen = await this.read(service);
      assertMine(seen.written, written);
      if (formatForwarding(seen.forwarding, names) === words) break;
      if (performance.now() >= until) throw changedMeanwhile(this.#place.arn, words, seen.words);
      await sleep(CLIENT_LIMITS.readBackPauseMs);
    }
    await step.then?.();
  }
}

export interface Writable {
  forwarding: Exclude<Forwarding, { kind: 'other' }>;
  /** Written whether or not the rule was seen to do it already. */
  isAlways?: boolean;
  /** What has to happen before the next step. */
  then?: () => Promise<void>;
}

/** Whether a rule does what Supplant wrote last, or did before a write that did not come to its end. */
export function isAsWritten({ written, words }: Pick<FoundRule, 'written' | 'words'>): boolean {
  return written === undefined || [written.after, written.before, written.via].includes(words);
}

/** @throws InvalidRouteError where another service's route is in the rule */
export function assertOwner(arn: string, { written }: FoundRule, service: ServiceKey): void {
  if (!written || isOf(written, service)) return;
  throw new InvalidRouteError(
    `${arn} has the route of ${written.service}; give ${formatServiceId(service)} a rule of its own (router.rule)`,
  );
}

/**
 * @throws RouteChangedError where the rule does what Supplant has not written, unless that is what the caller has been
 *   told and accepts to be overwritten
 */
export function assertUnchanged(arn: string, found: FoundRule, accepting: string | undefined): void {
  const { forwarding, written, words, names } = found;
  if (words === accepting) return;
  const isKnown = forwarding.kind === 'groups' && forwarding.groups.every(({ group }) => names.has(group));
  if (written ? isAsWritten(found) : isKnown || forwarding.kind === 'answer') return;
  const before = written?.after ?? 'nothing that Supplant wrote';
  throw new RouteChangedError(
    `somebody else changed what ${arn} does, from ${before} to ${words}; Supplant has not overwritten it`,
    { found: words, isOnlyWeights: isKnown },
  );
}

function assertMine(seen: WrittenRoute | undefined, mine: WrittenRoute): void {
  if (!seen || seen.generation < mine.generation) return;
  if (seen.generation === mine.generation && seen.digest === mine.digest) return;
  throw new StaleGenerationError(
    `generation ${mine.generation} of ${mine.service} was overtaken by ${seen.generation} while it was written`,
  );
}

function changedMeanwhile(arn: string, wanted: string, seen: string): RouterUnreachableError {
  return new RouterUnreachableError(`${arn} was to do ${wanted}, and does ${seen}, still after the write was accepted`);
}
