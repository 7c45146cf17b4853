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
