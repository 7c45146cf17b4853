import type { Json } from '../../domain/json.ts';
import { quoteShort } from '../checks/quote.ts';
import { MetricQueryError } from './provider.ts';

const QUOTED = 100;

/** A number, and of how many observations it is made. */
export interface AnsweredNumber {
  /** Absent where there is no data. */
  value?: number;
  samples: number;
}

/**
 * What stands for a number in an answer; undefined for null, and for what is no finite one: that is no data. Many services
 * write numbers as text.
 * @param what the place, in words: `$.value`
 * @throws MetricQueryError for anything else
 */
export function readNumber(value: Json, what: string): number | undefined {
  if (value === null) return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? readText(value.trim()) : value;
  if (typeof number !== 'number') {
    throw new MetricQueryError(`${what} is ${quoteShort(JSON.stringify(value), QUOTED)}, which is no number`);
  }
  return Number.isFinite(number) ? number : undefined;
}

/** One observation, where nobody says of how many a number is made. */
export function withSamples(value: number | undefined, samples?: number): AnsweredNumber {
  if (value === undefined) return { samples: Math.max(0, Math.floor(samples ?? 0)) };
  return { value, samples: Math.max(0, Math.floor(samples ?? 1)) };
}

function readText(text: string): number | string {
  if (/^[+-]?(?:nan|inf(?:inity)?)$/i.test(text)) return NaN;
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}
