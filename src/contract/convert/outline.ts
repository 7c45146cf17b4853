import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Exposure, PlanOutline } from '../../domain/rollout/exposure.ts';
import type {
  ExposureSchema,
  Exposure as ExposureMessage,
  PlanOutlineSchema,
  PlanOutline as OutlineMessage,
} from '../gen/supplant/v1/common_pb.ts';
import { fromDuration, toDuration } from './time.ts';

export function toOutline(outline: PlanOutline): MessageInitShape<typeof PlanOutlineSchema> {
  const { weights, earliestMs, longestDetectMs, worstExposureMs } = outline;
  return {
    weights,
    earliest: toDuration(earliestMs),
    longestDetect: toDuration(longestDetectMs),
    worstExposure: toDuration(worstExposureMs),
  };
}

export function fromOutline({ weights, earliest, longestDetect, worstExposure }: OutlineMessage): PlanOutline {
  return {
    weights,
    earliestMs: fromDuration(earliest, 0),
    longestDetectMs: fromDuration(longestDetect, 0),
    worstExposureMs: fromDuration(worstExposure, 0),
  };
}

export function toExposure({ totalMs, pausedMs }: Exposure): MessageInitShape<typeof ExposureSchema> {
  return { total: toDuration(totalMs), paused: toDuration(pausedMs) };
}

export function fromExposure({ total, paused }: ExposureMessage): Exposure {
  return { totalMs: fromDuration(total, 0), pausedMs: fromDuration(paused, 0) };
}
