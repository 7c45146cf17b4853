const UNITS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** The one grammar of durations, wherever people write them: manifests, blueprints, access files, options. */
export const DURATION = /^(?=.)(?:(\d{1,9})h)?(?:(\d{1,9})m(?!s))?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;

/** One with each unit. */
export const DURATION_EXAMPLES = ['500ms', '10s', '1h30m'] as const;

/** Reads `500ms`, `10s`, `5m`, `1h30m` as milliseconds; undefined when the text is none. Units go from large to small. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (!match) return undefined;
  return Object.values(UNITS).reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit, 0);
}

/** Writes whole milliseconds as {@link parseDuration} reads them. */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds;
  let text = '';
  for (const [name, unit] of Object.entries(UNITS)) {
    const count = Math.floor(rest / unit);
    if (count > 0) text += `${count}${name}`;
    rest -= count * unit;
  }
  return text === '' ? '0s' : text;
}
