import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  RUN_PHASES,
  type RunPhase,
  type RunPhaseStatus,
  type RunStatus,
  type RunVariant,
} from '../../../domain/experiment/run.ts';
import type { RunView } from '../../../domain/experiment/view.ts';
import { formatEndpointUrl } from '../../../domain/service/revision.ts';
import type {
  ExperimentPhase,
  ExperimentPhaseSchema,
  ExperimentRun,
  ExperimentRunSchema,
  RunVariant as VariantMessage,
  RunVariantSchema,
} from '../../gen/supplant/v1/experiments_pb.ts';
import { names, readExperiment, readNumber, readService } from '../../names.ts';
import { emptyToUndefined, omitUndefined } from '../given.ts';
import { fromUrl } from '../revision.ts';
import { fromRequiredTimestamp, fromTimestamp, toTimestamp } from '../time.ts';
import { fromWait, toWait } from '../verdict.ts';
import { runOutcomes, runTriggers } from './enums.ts';

export function toRun({ status, sentences, uiLink }: RunView): MessageInitShape<typeof ExperimentRunSchema> {
  const { trigger, actor, reason, startedAt, deadlineAt, endedAt, phase, phases, variants, wait, outcome } = status;
  return omitUndefined({
    name: names.run(status),
    trigger: runTriggers.number(trigger),
    ...{ actor, reason, phase, sentences, uiLink },
    startTime: toTimestamp(startedAt),
    deadlineTime: toTimestamp(deadlineAt),
    endTime: toTimestamp(endedAt),
    phases: phases.map(toPhase),
    variants: variants.map(toVariant),
    wait: wait && toWait(wait),
    outcome: outcome && runOutcomes.number(outcome),
    because: status.because,
  });
}

export function fromRun(message: ExperimentRun): RunView {
  const { sentences, uiLink } = message;
  return omitUndefined({ status: fromStatus(message), sentences, uiLink: emptyToUndefined(uiLink) });
}

function fromStatus(message: ExperimentRun): RunStatus {
  const { name, trigger, actor, reason, startTime, deadlineTime, endTime, phase, phases, variants, wait } = message;
  return omitUndefined({
    experiment: readExperiment(name),
    run: readNumber(name) ?? 0,
    trigger: runTriggers.word(trigger) ?? 'person',
    actor,
    reason: emptyToUndefined(reason),
    startedAt: fromRequiredTimestamp(startTime),
    deadlineAt: fromRequiredTimestamp(deadlineTime),
    endedAt: fromTimestamp(endTime),
    phase: readPhase(phase),
    phases: phases.map(fromPhase),
    variants: variants.map(fromVariant),
    wait: wait && fromWait(wait),
    outcome: runOutcomes.word(message.outcome),
    because: emptyToUndefined(message.because),
  });
}

function readPhase(word: string): RunPhase {
  return RUN_PHASES.find((phase) => phase === word) ?? 'lease';
}

function toPhase({
  phase,
  state,
  startedAt,
  endedAt,
  note,
}: RunPhaseStatus): MessageInitShape<typeof ExperimentPhaseSchema> {
  return omitUndefined({ phase, state, startTime: toTimestamp(startedAt), endTime: toTimestamp(endedAt), note });
}

function fromPhase({ phase, state, startTime, endTime, note }: ExperimentPhase): RunPhaseStatus {
  return omitUndefined({
    phase: readPhase(phase),
    state: PHASE_STATES.find((each) => each === state) ?? 'pending',
    startedAt: fromTimestamp(startTime),
    endedAt: fromTimestamp(endTime),
    note: emptyToUndefined(note),
  });
}

const PHASE_STATES = ['pending', 'running', 'done', 'failed', 'skipped'] as const;
const VARIANT_STATES = ['leased', 'provisioning', 'ready', 'destroying', 'gone'] as const;

function toVariant(variant: RunVariant): MessageInitShape<typeof RunVariantSchema> {
  const { name, artifact, blueprint, like, endpoints, address, state } = variant;
  return omitUndefined({
    ...{ name, artifact, blueprint, state },
    like: like && names.revision(like.service, like.revision),
    urls: endpoints.map(formatEndpointUrl),
    address: address && formatEndpointUrl(address),
  });
}

function fromVariant({ name, artifact, blueprint, like, urls, address, state }: VariantMessage): RunVariant {
  return omitUndefined({
    ...{ name, artifact, blueprint },
    like: like === '' ? undefined : { service: readService(like), revision: readNumber(like) ?? 0 },
    endpoints: urls.map(fromUrl),
    address: address === '' ? undefined : fromUrl(address),
    state: VARIANT_STATES.find((each) => each === state) ?? 'leased',
  });
}
