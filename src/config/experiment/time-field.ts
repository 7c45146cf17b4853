import { z } from 'zod';
import { describeValue } from '../fault.ts';
import { nearest } from '../nearest.ts';
import { refuse } from '../problems.ts';

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;
const MOMENT_WANTED = 'a time with its zone, such as 2026-12-01T08:00:00Z or 2026-12-01T08:00+01:00';

/** A moment as ISO 8601 has it, in UTC. */
export function moment(): z.ZodType<string> {
  return z
    .unknown()
    .meta({ type: 'string', patternErrorMessage: `expected ${MOMENT_WANTED}`, pattern: MOMENT.source })
    .transform((value, context) => {
      const time = readMoment(value);
      if (time !== undefined) return time;
      refuse(context, { wanted: MOMENT_WANTED });
      return z.NEVER;
    });
}

/** Reads a moment; undefined where the text is none, or a day that does not exist. */
export function readMoment(value: unknown): string | undefined {
  const match = MOMENT.exec(typeof value === 'string' ? value : '');
  if (!match) return undefined;
  const [text, ...parts] = match;
  const [year = 0, month = 0, day = 0] = parts.map(Number);
  const at = Date.parse(text);
  // Dates beyond the end of a month are taken for days of the next one.
  const isDay = new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day && month >= 1 && month <= 12;
  return isDay && Number.isFinite(at) ? new Date(at).toISOString() : undefined;
}

const ZONE_WANTED = 'the IANA name of a time zone, such as Europe/Berlin';

/** A time zone by its IANA name. */
export function timeZone(): z.ZodType<string> {
  return z
    .unknown()
    .meta({ type: 'string' })
    .transform((value, context) => {
      const meant = typeof value === 'string' ? findZone(value) : undefined;
      if (meant === value && meant !== undefined) return meant;
      const near = meant ?? (typeof value === 'string' ? nearestZone(value) : undefined);
      refuse(context, {
        wanted: ZONE_WANTED,
        found: describeValue(value),
        ...(near === undefined ? {} : { meant: near }),
      });
      return z.NEVER;
    });
}

/** The zone of that name, as it is spelt: Temporal finds it by a file, for which case matters. */
function findZone(name: string): string | undefined {
  // Offsets are taken by Intl, and by nothing that keeps a schedule.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    const { timeZone: known } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    if (known === name) return name;
    const spelt = [known, ...Intl.supportedValuesOf('timeZone')].find(
      (each) => each.toLowerCase() === name.toLowerCase(),
    );
    // An older name of a zone is resolved to the newer one.
    return spelt ?? name;
  } catch {
    return undefined;
  }
}

/** By the whole name, or by its city alone. */
function nearestZone(name: string): string | undefined {
  const zones = Intl.supportedValuesOf('timeZone');
  const city = (zone: string): string => zone.slice(zone.lastIndexOf('/') + 1);
  const lower = name.toLowerCase();
  return nearest(name, zones)[0] ?? zones.find((zone) => city(zone).toLowerCase() === lower);
}
