import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type CompareSpec,
  type ExperimentSpec,
  type VariantSource,
  type VariantSpec,
  DEFAULT_CONFIDENCE,
  DEFAULT_KEEP_MS,
  DEFAULT_TOLERANCE,
  chooseStay,
} from '../../../domain/experiment/experiment.ts';
import type { CandidateSpec, DrillSpec } from '../../../domain/experiment/drill/drill.ts';
import type { LoadProbe as LoadSpec, ProbeSpec } from '../../../domain/experiment/probe.ts';
import { LOAD_DEFAULTS } from '../../../domain/experiment/probe.ts';
import type {
  Budget,
  Compare,
  CompareSchema,
  Drill,
  DrillRelease,
  DrillSchema,
  ExperimentSpec as SpecMessage,
  ExperimentSpecSchema,
  LoadProbe,
  LoadProbeSchema,
  Probe,
  ProbeSchema,
  Variant,
  VariantSchema,
} from '../../gen/supplant/v1/experiments_pb.ts';
import { names, readNumber, readService } from '../../names.ts';
import { methods } from '../enums.ts';
import { emptyToUndefined, omitUndefined } from '../given.ts';
import { fromCheck, fromStruct, toCheck } from '../spec.ts';
import { fromDuration, toDuration } from '../time.ts';
import { overlaps, stays } from './enums.ts';
import { fromSchedule, toSchedule } from './schedule.ts';

export function toExperimentSpec(spec: ExperimentSpec): MessageInitShape<typeof ExperimentSpecSchema> {
  const { experiment, variants, drill, probes, compare, schedule, ttlMs, stay, overlap, budget, keepMs } = spec;
  const { addresses, preview } = spec;
  return omitUndefined({
    experiment: experiment.name,
    environment: experiment.environment,
    variants: variants.map(toVariant),
    drill: drill && toDrill(drill),
    probes: probes.map(toProbe),
    compare: compare && toCompare(compare),
    schedule: schedule && toSchedule(schedule),
    ttl: toDuration(ttlMs),
    stay: stays.number(stay),
    overlap: overlaps.number(overlap),
    budget: omitUndefined({ stacks: budget.stacks, stackHoursPerDay: budget.stackHoursPerDay }),
    keep: toDuration(keepMs),
    addresses,
    preview,
  });
}

/** A spec that a gateway sent, which is complete with defaults. For one that a caller sent see `readExperimentDescription`. */
export function fromExperimentSpec(message: SpecMessage): ExperimentSpec {
  const {
    experiment: name,
    environment,
    variants,
    drill,
    compare,
    schedule,
    ttl,
    stay,
    overlap,
    budget,
    keep,
  } = message;
  const probes = message.probes.map(fromProbe);
  const addresses = Object.keys(message.addresses).length === 0 ? undefined : message.addresses;
  return omitUndefined({
    experiment: { name, environment },
    variants: variants.map(fromVariant),
    drill: drill && fromDrill(drill),
    probes,
    compare: compare && fromCompare(compare),
    schedule: schedule && fromSchedule(schedule),
    ttlMs: fromDuration(ttl, 0),
    stay: stays.word(stay) ?? chooseStay(probes),
    overlap: overlaps.word(overlap) ?? 'skip',
    budget: fromBudget(budget),
    keepMs: fromDuration(keep, DEFAULT_KEEP_MS),
    addresses,
    preview: message.preview && { branch: message.preview.branch },
  });
}

function toDrill({ service, release, patch, checks = [] }: DrillSpec): MessageInitShape<typeof DrillSchema> {
  return omitUndefined({
    service: names.service(service),
    release: release && omitUndefined({ ...release, checks: (release.checks ?? []).map(toCheck) }),
    patch,
    checks: checks.map(toCheck),
  });
}

function fromDrill({ service, release, patch, checks }: Drill): DrillSpec {
  return omitUndefined({
    service: readService(service),
    release: release && fromCandidate(release),
    patch: patch && fromStruct(patch),
    checks: checks.length === 0 ? undefined : checks.map(fromCheck),
  });
}

function fromCandidate({ artifact, patch, checks }: DrillRelease): CandidateSpec {
  return omitUndefined({
    artifact: emptyToUndefined(artifact),
    patch: patch && fromStruct(patch),
    checks: checks.length === 0 ? undefined : checks.map(fromCheck),
  });
}

function toVariant({ name, source, checks = [] }: VariantSpec): MessageInitShape<typeof VariantSchema> {
  return { name, source: toSource(source), checks: checks.map(toCheck) };
}

function toSource(source: VariantSource): NonNullable<MessageInitShape<typeof VariantSchema>['source']> {
  if (source.kind === 'release') {
    const { artifact, blueprint } = source;
    return { case: 'release', value: { artifact, blueprint: { name: blueprint.name, config: blueprint.config } } };
  }
  const { service, revision, patch } = source;
  const name = revision === undefined ? names.service(service) : names.revision(service, revision);
  return { case: 'like', value: omitUndefined({ name, patch }) };
}

function fromVariant({ name, source, checks }: Variant): VariantSpec {
  return {
    name,
    source: fromSource(source),
    ...(checks.length === 0 ? {} : { checks: checks.map(fromCheck) }),
  };
}

function fromSource(source: Variant['source']): VariantSource {
  if (source.case === 'like') {
    const { name, patch } = source.value;
    const revision = name.includes('/revisions/') ? readNumber(name) : undefined;
    return omitUndefined({
      kind: 'like' as const,
      service: readService(name),
      revision,
      patch: patch && fromStruct(patch),
    });
  }
  const { artifact = '', blueprint } = source.value ?? {};
  return {
    kind: 'release',
    artifact,
    blueprint: { name: blueprint?.name ?? '', config: fromStruct(blueprint?.config) },
  };
}

function toProbe(probe: ProbeSpec): MessageInitShape<typeof ProbeSchema> {
  switch (probe.kind) {
    case 'check':
      return { name: probe.name, kind: { case: 'check', value: toCheck(probe.check) } };
    case 'load':
      return { name: probe.name, kind: { case: 'load', value: toLoad(probe) } };
  }
}

function toLoad(probe: LoadSpec): MessageInitShape<typeof LoadProbeSchema> {
  const { rate, forMs, warmUpMs, method, path, requestHeaders, requestBody, status, timeoutMs } = probe;
  return omitUndefined({
    ...{ rate, path, status, requestHeaders, requestBody },
    for: toDuration(forMs),
    warmUp: toDuration(warmUpMs),
    method: methods.number(method),
    timeout: toDuration(timeoutMs),
  });
}

function fromProbe({ name, kind }: Probe): ProbeSpec {
  if (kind.case === 'load') return { kind: 'load', name, ...fromLoad(kind.value) };
  if (kind.case !== 'check') throw new TypeError(`probe ${name} is of a kind that is not known here`);
  return { kind: 'check', name, check: { ...fromCheck(kind.value), name } };
}

function fromLoad(message: LoadProbe): Omit<LoadSpec, 'kind' | 'name'> {
  const { rate, for: lasts, warmUp, method, path, requestHeaders, requestBody, status, timeout } = message;
  return omitUndefined({
    rate,
    forMs: fromDuration(lasts, 0),
    warmUpMs: fromDuration(warmUp, LOAD_DEFAULTS.warmUpMs),
    method: methods.word(method) ?? 'GET',
    path: emptyToUndefined(path) ?? '/',
    requestHeaders: Object.keys(requestHeaders).length === 0 ? undefined : requestHeaders,
    requestBody,
    status,
    timeoutMs: fromDuration(timeout, LOAD_DEFAULTS.timeoutMs),
  });
}

function toCompare({
  baseline,
  probes = [],
  confidence,
  tolerance,
}: CompareSpec): MessageInitShape<typeof CompareSchema> {
  return { baseline, probes, confidence, tolerance };
}

function fromCompare({ baseline, probes, confidence, tolerance }: Compare): CompareSpec {
  return {
    baseline,
    ...(probes.length === 0 ? {} : { probes }),
    confidence: confidence ?? DEFAULT_CONFIDENCE,
    tolerance: tolerance ?? DEFAULT_TOLERANCE,
  };
}

function fromBudget(budget: Budget | undefined): ExperimentSpec['budget'] {
  return omitUndefined({ stacks: budget?.stacks, stackHoursPerDay: budget?.stackHoursPerDay });
}
