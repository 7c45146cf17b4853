import {
  chooseStay,
  type CompareSpec,
  type ExperimentSpec,
  type LikeSource,
  type VariantSource,
  type VariantSpec,
} from '../../domain/experiment/experiment.ts';
import type { CandidateSpec, DrillSpec } from '../../domain/experiment/drill/drill.ts';
import type { LoadProbe, ProbeSpec } from '../../domain/experiment/probe.ts';
import type { CalendarSpec, ScheduleSpec } from '../../domain/experiment/schedule.ts';
import { formatRevisionName, parseRevision } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { DEFAULT_TIMING } from '../manifest/defaults.ts';
import { buildCheck, buildCheckFields } from '../manifest/check-spec.ts';
import type { DrillFields } from './drill-schema.ts';
import type { ProbeFields } from './probe-schema.ts';
import type { ScheduleFields } from './schedule-schema.ts';
import type { ExperimentManifest } from './schema.ts';

/*
 * A manifest of an experiment as it was read, and the experiment that it describes: each is made of the other here, and
 * nowhere else, as `../manifest/spec.ts` does for services.
 */

type VariantFields = NonNullable<ExperimentManifest['variants']>[number];
type LoadFields = NonNullable<ProbeFields['load']>;

/** The experiment that a manifest describes. */
export function buildExperimentSpec(manifest: ExperimentManifest): ExperimentSpec {
  const { name, environment, variants = [], drill, probes = [], compare, schedule } = manifest;
  const { ttl, stay, overlap, budget, keep, addresses } = manifest;
  const specs = probes.map(buildProbe);
  return {
    experiment: { name, environment },
    variants: variants.map(buildVariant),
    ...(drill === undefined ? {} : { drill: buildDrill(drill) }),
    probes: specs,
    ...(compare === undefined ? {} : { compare: withoutUndefined(compare) }),
    ...(schedule === undefined ? {} : { schedule: buildSchedule(schedule) }),
    ttlMs: ttl,
    stay: stay ?? (drill === undefined ? chooseStay(specs) : 'until-probed'),
    overlap,
    budget: withoutUndefined(budget),
    keepMs: keep,
    ...(addresses === undefined || Object.keys(addresses).length === 0 ? {} : { addresses }),
  };
}

/** The manifest of an experiment, complete with what it says by default. */
export function buildExperimentManifest(spec: ExperimentSpec): Omit<ExperimentManifest, 'apiVersion' | 'kind'> {
  const { experiment, variants, drill, probes, compare, schedule, stay, overlap, budget, addresses } = spec;
  return {
    ...experiment,
    ...(drill === undefined ? { variants: variants.map(variantKeysOf) } : { drill: drillKeysOf(drill) }),
    ...(probes.length === 0 ? {} : { probes: probes.map(probeKeysOf) }),
    ...(compare === undefined ? {} : { compare: compareKeysOf(compare) }),
    ...(schedule === undefined ? {} : { schedule: scheduleKeysOf(schedule) }),
    ttl: spec.ttlMs,
    stay,
    overlap,
    budget,
    keep: spec.keepMs,
    ...(addresses === undefined ? {} : { addresses }),
  };
}

function buildDrill({ service, release, patch, checks }: DrillFields): DrillSpec {
  return {
    service: readLike(service).service,
    ...(release === undefined ? {} : { release: buildCandidate(release) }),
    ...(patch === undefined ? {} : { patch }),
    ...(checks === undefined ? {} : { checks: checks.map(buildCheck) }),
  };
}

function buildCandidate({ checks, ...release }: NonNullable<DrillFields['release']>): CandidateSpec {
  return { ...withoutUndefined(release), ...(checks === undefined ? {} : { checks: checks.map(buildCheck) }) };
}

function candidateKeysOf({ checks, ...release }: CandidateSpec): NonNullable<DrillFields['release']> {
  return { ...release, ...(checks === undefined ? {} : { checks: checks.map(buildCheckFields) }) };
}

function drillKeysOf({ service, release, patch, checks }: DrillSpec): DrillFields {
  return {
    service: formatServiceId(service),
    ...(release === undefined ? {} : { release: candidateKeysOf(release) }),
    ...(patch === undefined ? {} : { patch }),
    ...(checks === undefined ? {} : { checks: checks.map(buildCheckFields) }),
  };
}

function buildVariant({ name, checks, ...source }: VariantFields): VariantSpec {
  return {
    name,
    source: buildSource(source),
    ...(checks === undefined ? {} : { checks: checks.map(buildCheck) }),
  };
}

function buildSource({ artifact = '', blueprint = '', like, patch }: Omit<VariantFields, 'name'>): VariantSource {
  if (like !== undefined) return { kind: 'like', ...readLike(like), ...(patch === undefined ? {} : { patch }) };
  const named = typeof blueprint === 'string' ? { name: blueprint, config: {} } : blueprint;
  return { kind: 'release', artifact, blueprint: named };
}

/** `web/production@r12`, of the shape that the schema asks for. */
function readLike(text: string): Pick<LikeSource, 'service' | 'revision'> {
  const [service = '', revision] = text.split('@');
  const [name = '', environment = ''] = service.split('/');
  const number = revision === undefined ? undefined : parseRevision(revision);
  return { service: { name, environment }, ...(number === undefined ? {} : { revision: number }) };
}

function variantKeysOf({ name, source, checks }: VariantSpec): VariantFields {
  return {
    name,
    ...sourceKeysOf(source),
    ...(checks === undefined ? {} : { checks: checks.map(buildCheckFields) }),
  };
}

function sourceKeysOf(source: VariantSource): Omit<VariantFields, 'name' | 'checks'> {
  if (source.kind === 'release') return { artifact: source.artifact, blueprint: source.blueprint };
  const { service, revision, patch } = source;
  const like = `${formatServiceId(service)}${revision === undefined ? '' : `@${formatRevisionName(revision)}`}`;
  return { like, ...(patch === undefined ? {} : { patch }) };
}

/** A schema has made sure that it is one kind of probe. */
function buildProbe({ name, load, ...check }: ProbeFields): ProbeSpec {
  if (load) return { kind: 'load', name, ...buildLoad(load) };
  const { successes = DEFAULT_TIMING.successes, interval = DEFAULT_TIMING.intervalMs } = check;
  const { deadline = DEFAULT_TIMING.deadlineMs } = check;
  return { kind: 'check', name, check: buildCheck({ ...check, name, successes, interval, deadline }) };
}

function buildLoad({ for: forMs, warmUp, timeout, requestHeaders, requestBody, ...load }: LoadFields) {
  const hasHeaders = requestHeaders !== undefined && Object.keys(requestHeaders).length > 0;
  return {
    ...load,
    forMs,
    warmUpMs: warmUp,
    timeoutMs: timeout,
    ...(hasHeaders ? { requestHeaders } : {}),
    ...(requestBody === undefined ? {} : { requestBody }),
  } satisfies Omit<LoadProbe, 'kind' | 'name'>;
}

function probeKeysOf(probe: ProbeSpec): ProbeFields {
  if (probe.kind === 'check') return buildCheckFields(probe.check);
  const { name, forMs, warmUpMs: warmUp, timeoutMs: timeout, rate, method, path, status } = probe;
  const { requestHeaders, requestBody } = probe;
  return {
    name,
    load: {
      ...{ rate, for: forMs, warmUp, method, path, status, timeout },
      ...(requestHeaders === undefined ? {} : { requestHeaders }),
      ...(requestBody === undefined ? {} : { requestBody }),
    },
  };
}

function compareKeysOf({ probes, ...compare }: CompareSpec): NonNullable<ExperimentManifest['compare']> {
  return { ...compare, ...(probes === undefined ? {} : { probes }) };
}

function buildSchedule({ cron, every, offset, calendar, timeZone, jitter, start, end }: ScheduleFields): ScheduleSpec {
  return {
    ...(cron === undefined ? {} : { cron: typeof cron === 'string' ? [cron] : cron }),
    ...(every === undefined ? {} : { every: { everyMs: every, offsetMs: offset ?? 0 } }),
    ...(calendar === undefined ? {} : { calendar: calendar.map((times) => withoutUndefined(times)) }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(jitter === undefined ? {} : { jitterMs: jitter }),
    ...(start === undefined ? {} : { startAt: start }),
    ...(end === undefined ? {} : { endAt: end }),
  };
}

function scheduleKeysOf(schedule: ScheduleSpec): ScheduleFields {
  const { cron, every, calendar, timeZone, jitterMs: jitter, startAt: start, endAt: end } = schedule;
  return {
    ...(cron === undefined ? {} : { cron }),
    ...(every === undefined ? {} : { every: every.everyMs, offset: every.offsetMs }),
    ...(calendar === undefined ? {} : { calendar: calendar.map((times: CalendarSpec) => ({ ...times })) }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(jitter === undefined ? {} : { jitter }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  };
}

type Given<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Without the keys that say nothing. */
function withoutUndefined<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Given<T>;
}
