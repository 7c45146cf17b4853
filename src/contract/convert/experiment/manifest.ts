import type { Duration } from '@bufbuild/protobuf/wkt';
import {
  type Compare,
  type Drill,
  type DrillRelease,
  type ExperimentSchedule,
  type ExperimentSpec as SpecMessage,
  type LoadProbe,
  Overlap,
  type Probe,
  Stay,
  type Variant,
} from '../../gen/supplant/v1/experiments_pb.ts';
import { BlueprintSchema, type Check, CheckSchema, HttpCheck_Method } from '../../gen/supplant/v1/services_pb.ts';
import { parseRevisionName, parseServiceName } from '../../names.ts';
import { formatServiceId } from '../../../domain/service/service.ts';
import { methods } from '../enums.ts';
import { emptyToUndefined, omitUndefined } from '../given.ts';
import { type Fields, type Notation, readFields } from '../spec-fields.ts';
import { fromTimestamp } from '../time.ts';
import { overlaps, stays } from './enums.ts';

/** What a message says of an experiment, as a manifest says it. What is absent or empty in the message is left out. */
export function readExperimentFields(message: SpecMessage, notation: Notation): Fields {
  const { experiment, environment, variants, probes, compare, schedule, ttl, stay, overlap, budget, keep } = message;
  const { drill, addresses } = message;
  return omitUndefined({
    name: experiment,
    environment,
    // With a drill, there need be none.
    variants: drill && variants.length === 0 ? undefined : variants.map((variant) => readVariant(variant, notation)),
    drill: drill && readDrill(drill, notation),
    probes: emptyListToUndefined(probes.map((probe) => readProbe(probe, notation))),
    compare: compare && readCompare(compare),
    schedule: schedule && readSchedule(schedule, notation),
    ttl: writeDuration(ttl, notation),
    stay: stay === Stay.UNSPECIFIED ? undefined : (stays.word(stay) ?? stay),
    overlap: overlap === Overlap.UNSPECIFIED ? undefined : (overlaps.word(overlap) ?? overlap),
    budget: budget && omitUndefined({ stacks: budget.stacks, stackHoursPerDay: budget.stackHoursPerDay }),
    keep: writeDuration(keep, notation),
    addresses: Object.keys(addresses).length === 0 ? undefined : addresses,
  });
}

/** Where a message has what a manifest has at a path: `variants[0].artifact` is `variants[0].release.artifact`. */
export function locateExperimentField(message: SpecMessage, path: readonly (string | number)[]): (string | number)[] {
  const [list, index, key, ...rest] = path;
  if (list === 'name' && path.length === 1) return ['experiment'];
  if (key === undefined || typeof index !== 'number') return [...path];
  if (list === 'variants') return [list, index, ...locateInVariant(message.variants[index], key), ...rest];
  if (list === 'probes' && key !== 'name' && key !== 'load') return [list, index, 'check', key, ...rest];
  return [...path];
}

function locateInVariant(variant: Variant | undefined, key: string | number): (string | number)[] {
  if (key === 'artifact' || key === 'blueprint') return ['release', key];
  if (key === 'like') return ['like', 'name'];
  if (key === 'patch') return ['like', 'patch'];
  return variant ? [key] : [];
}

function readDrill({ service, release, patch, checks }: Drill, notation: Notation): Fields {
  return omitUndefined({
    service: readLike(service),
    release: release && readCandidate(release, notation),
    patch,
    checks: emptyListToUndefined(checks.map((check) => readCheck(check, notation))),
  });
}

function readCandidate({ artifact, patch, checks }: DrillRelease, notation: Notation): Fields {
  return omitUndefined({
    artifact: emptyToUndefined(artifact),
    patch,
    checks: emptyListToUndefined(checks.map((check) => readCheck(check, notation))),
  });
}

function readVariant({ name, source, checks }: Variant, notation: Notation): Fields {
  return omitUndefined({
    name,
    ...readSource(source, notation),
    checks: emptyListToUndefined(checks.map((check) => readCheck(check, notation))),
  });
}

function readSource(source: Variant['source'], notation: Notation): Fields {
  switch (source.case) {
    case 'release': {
      const { artifact, blueprint } = source.value;
      const fields = blueprint && readFields(BlueprintSchema, blueprint, notation);
      return omitUndefined({ artifact, blueprint: fields });
    }
    case 'like':
      return omitUndefined({ like: readLike(source.value.name), patch: source.value.patch });
    case undefined:
      return {};
  }
}

/** As a manifest writes it; what is no such name is left for the manifest to refuse. */
function readLike(name: string): string {
  const service = parseServiceName(name);
  if (service.ok) return formatServiceId(service.value);
  const revision = parseRevisionName(name);
  return revision.ok ? `${formatServiceId(revision.value.service)}@r${revision.value.number}` : name;
}

function readCheck(check: Check, notation: Notation): Fields {
  return readFields(CheckSchema, check, notation);
}

function readProbe({ name, kind }: Probe, notation: Notation): Fields {
  switch (kind.case) {
    case 'check':
      return { ...readCheck(kind.value, notation), name };
    case 'load':
      return { name, load: readLoad(kind.value, notation) };
    case undefined:
      return { name };
  }
}

function readLoad(message: LoadProbe, notation: Notation): Fields {
  const { rate, for: lasts, warmUp, method, path, requestHeaders, requestBody, status, timeout } = message;
  return omitUndefined({
    rate,
    for: writeDuration(lasts, notation),
    warmUp: writeDuration(warmUp, notation),
    path: emptyToUndefined(path),
    method: method === HttpCheck_Method.UNSPECIFIED ? undefined : (methods.word(method) ?? method),
    requestHeaders: Object.keys(requestHeaders).length === 0 ? undefined : requestHeaders,
    requestBody,
    status: emptyListToUndefined(status),
    timeout: writeDuration(timeout, notation),
  });
}

function readCompare({ baseline, probes, confidence, tolerance }: Compare): Fields {
  return omitUndefined({ baseline, probes: emptyListToUndefined(probes), confidence, tolerance });
}

function readSchedule(message: ExperimentSchedule, notation: Notation): Fields {
  const { cron, every, offset, calendar, timeZone, jitter, startTime, endTime } = message;
  return omitUndefined({
    cron: emptyListToUndefined(cron),
    every: writeDuration(every, notation),
    offset: writeDuration(offset, notation),
    calendar: emptyListToUndefined(
      calendar.map(({ hour, minute, dayOfMonth, month, dayOfWeek }) =>
        omitUndefined({
          hour: emptyListToUndefined(hour),
          minute: emptyListToUndefined(minute),
          dayOfMonth: emptyListToUndefined(dayOfMonth),
          month: emptyListToUndefined(month),
          dayOfWeek: emptyListToUndefined(dayOfWeek),
        }),
      ),
    ),
    timeZone: emptyToUndefined(timeZone),
    jitter: writeDuration(jitter, notation),
    start: fromTimestamp(startTime),
    end: fromTimestamp(endTime),
  });
}

function writeDuration(duration: Duration | undefined, notation: Notation): unknown {
  return duration && notation.duration(duration);
}

function emptyListToUndefined<T>(list: T[]): T[] | undefined {
  return list.length === 0 ? undefined : list;
}
