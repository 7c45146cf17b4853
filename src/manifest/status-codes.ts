import { isScalar, isSeq } from 'yaml';
import type { Reader, Spot } from './reader.ts';

const FIRST = 100;
const LAST = 599;
const WANTED = `a status code from ${FIRST} to ${LAST} or a span such as 200-299`;

/** Accepted codes from `204`, `200-299`, or a list of both; in rising order, each once. */
export function readStatus(reader: Reader, spot: Spot): number[] {
  const items = isSeq(spot.node) ? (reader.items(spot) ?? []) : [spot];
  if (items.length === 0) reader.fault(spot, WANTED, 'an empty list');
  const codes = items.flatMap((item) => readCodes(item) ?? reader.fault(item, WANTED) ?? []);
  return [...new Set(codes)].toSorted((one, other) => one - other);
}

function readCodes(spot: Spot): number[] | undefined {
  const text = isScalar(spot.node) ? String(spot.node.value) : '';
  const match = /^(\d{3})(?:-(\d{3}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || first < FIRST || last > LAST || first > last) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The shortest way to write codes that are in rising order: `200-208`, or a list of such. */
export function writeStatus(codes: readonly number[]): (number | string)[] {
  const spans: { first: number; last: number }[] = [];
  for (const code of codes) {
    const span = spans.at(-1);
    if (span && span.last + 1 === code) span.last = code;
    else spans.push({ first: code, last: code });
  }
  return spans.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
}
