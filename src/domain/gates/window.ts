import type { OpeningHours, WindowRule } from './gate.ts';

/** When a rule comes: the beginnings from `from` up to, and without, `to`, in milliseconds since 1970, in order. */
export type ListStarts = (rule: WindowRule, timeZone: string, from: number, to: number) => number[];

/** How a window is at a moment. */
export interface WindowLook {
  isOpen: boolean;
  /** ISO 8601: until when that is so; absent where no change is in sight. */
  until?: string;
  /** Why it is closed. */
  because?: string;
}

const DAY_MS = 24 * 3_600_000;

/** How far ahead a change is looked for: most windows open or close within days, a rule may come once in a leap year. */
const REACHES_MS = [9, 70, 400, 1_500].map((days) => days * DAY_MS);

interface Span {
  from: number;
  to: number;
  rule: WindowRule;
}

/**
 * Whether it is open at that moment, and until when that stays so. A time that is denied is closed whatever is allowed. A
 * beginning counts, an end does not: two that touch leave no gap.
 */
export function judgeWindow(hours: OpeningHours, now: number, listStarts: ListStarts): WindowLook {
  const { timeZone, allow = [], deny = [] } = hours;
  for (const reach of REACHES_MS) {
    const spansOf = (rule: WindowRule): Span[] =>
      listStarts(rule, timeZone, now - rule.forMs + 1, now + reach).map((from) => ({
        from,
        to: from + rule.forMs,
        rule,
      }));
    const spans = { isLimited: allow.length > 0, allow: allow.flatMap(spansOf), deny: deny.flatMap(spansOf) };
    const change = findChange(spans, now, now + reach);
    if (change !== undefined) return { ...judgeNow(spans, now), until: new Date(change).toISOString() };
    if (reach === REACHES_MS.at(-1)) return judgeNow(spans, now);
  }
  throw new Error('there is no reach');
}

interface Spans {
  isLimited: boolean;
  allow: Span[];
  deny: Span[];
}

const isOpenWith = (isLimited: boolean, allowed: number, denied: number): boolean =>
  denied === 0 && (!isLimited || allowed > 0);

function judgeNow({ isLimited, allow, deny }: Spans, now: number): WindowLook {
  const covers = ({ from, to }: Span): boolean => from <= now && now < to;
  const denied = deny.find(covers);
  if (denied) return { isOpen: false, because: `denied by ${denied.rule.rule}` };
  const isOpen = isOpenWith(isLimited, allow.filter(covers).length, 0);
  return isOpen ? { isOpen } : { isOpen, because: 'it is outside of what is allowed' };
}

/** The first moment after `now` at which it is the other way round. */
function findChange({ isLimited, allow, deny }: Spans, now: number, horizon: number): number | undefined {
  const count = { allow: 0, deny: 0 };
  const changes: [moment: number, list: 'allow' | 'deny', by: 1 | -1][] = [];
  for (const [list, spans] of [['allow', allow] as const, ['deny', deny] as const]) {
    for (const { from, to } of spans) {
      if (to <= now) continue;
      if (from <= now) count[list] += 1;
      else changes.push([from, list, 1]);
      changes.push([to, list, -1]);
    }
  }
  const isOpenNow = isOpenWith(isLimited, count.allow, count.deny);
  changes.sort(([one], [other]) => one - other);
  for (const [index, [moment, list, by]] of changes.entries()) {
    if (moment >= horizon) return undefined;
    count[list] += by;
    // All that happens at this moment, before it is judged.
    if (changes[index + 1]?.[0] === moment) continue;
    if (isOpenWith(isLimited, count.allow, count.deny) !== isOpenNow) return moment;
  }
  return undefined;
}
