import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Exposure, PlanOutline } from '../../domain/rollout/exposure.ts';
import type {
  ExposureSchema,
  Exposure as ExposureMessage,
  PlanOutlineSchema,
  PlanOutline as OutlineMessage,
} from '../gen/supplant/v1/common_pb.ts';
import { audiences } from './enums.ts';
import { fromDuration, toDuration } from './time.ts';

export function toOutline(outline: PlanOutline): MessageInitShape<typeof PlanOutlineSchema> {
  const { weights, audience, earliestMs, longestDetectMs, worstExposureMs, baselineMs, hasPreview } = outline;
  return {
    weights,
    earliest: toDuration(earliestMs),
    longestDetect: toDuration(longestDetectMs),
    worstExposure: toDuration(worstExposureMs),
    ...(audience === undefined ? {} : { audience: audiences.number(audience) }),
    ...(baselineMs === undefined ? {} : { baseline: toDuration(baselineMs) }),
    ...(hasPreview ? { preview: true } : {}),
  };
}

export function fromOutline({
  weights,
  audience,
  earliest,
  longestDetect,
  worstExposure,
  baseline,
  preview,
}: OutlineMessage): PlanOutline {
  const word = audiences.word(audience);
  return {
    weights,
    ...(word === undefined ? {} : { audience: word }),
    earliestMs: fromDuration(earliest, 0),
    longestDetectMs: fromDuration(longestDetect, 0),
    worstExposureMs: fromDuration(worstExposure, 0),
    ...(baseline === undefined ? {} : { baselineMs: fromDuration(baseline, 0) }),
    ...(preview ? { hasPreview: true } : {}),
  };
}

export function toExposure({ totalMs, pausedMs, cohortMs }: Exposure): MessageInitShape<typeof ExposureSchema> {
  const cohort = cohortMs === undefined ? {} : { cohort: toDuration(cohortMs) };
  return { total: toDuration(totalMs), paused: toDuration(pausedMs), ...cohort };
}

export function fromExposure({ total, paused, cohort }: ExposureMessage): Exposure {
  const beside = cohort === undefined ? {} : { cohortMs: fromDuration(cohort, 0) };
  return { totalMs: fromDuration(total, 0), pausedMs: fromDuration(paused, 0), ...beside };
}
