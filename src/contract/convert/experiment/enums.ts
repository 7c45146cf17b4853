import type { Overlap as OverlapWord, Stay as StayWord } from '../../../domain/experiment/experiment.ts';
import type { Comparison } from '../../../domain/experiment/measurement.ts';
import type { RunOutcome, RunTrigger } from '../../../domain/experiment/run.ts';
import type { FindingVerdict } from '../../../domain/reaper/finding.ts';
import {
  Comparison_Result,
  ExperimentRun_Outcome,
  ExperimentRun_Trigger,
  Overlap,
  Stay,
} from '../../gen/supplant/v1/experiments_pb.ts';
import { ReaperFinding_Verdict } from '../../gen/supplant/v1/reaper_pb.ts';
import { Words } from '../enums.ts';

export const overlaps = new Words<OverlapWord, Overlap>({
  skip: Overlap.SKIP,
  'buffer-one': Overlap.BUFFER_ONE,
  replace: Overlap.REPLACE,
  'hand-over': Overlap.HAND_OVER,
  allow: Overlap.ALLOW,
});

export const stays = new Words<StayWord, Stay>({
  'until-probed': Stay.UNTIL_PROBED,
  'until-ttl': Stay.UNTIL_TTL,
});

export const runOutcomes = new Words<RunOutcome, ExperimentRun_Outcome>({
  succeeded: ExperimentRun_Outcome.SUCCEEDED,
  failed: ExperimentRun_Outcome.FAILED,
  stopped: ExperimentRun_Outcome.STOPPED,
  expired: ExperimentRun_Outcome.EXPIRED,
  replaced: ExperimentRun_Outcome.REPLACED,
  skipped: ExperimentRun_Outcome.SKIPPED,
  lost: ExperimentRun_Outcome.LOST,
});

export const runTriggers = new Words<RunTrigger, ExperimentRun_Trigger>({
  schedule: ExperimentRun_Trigger.SCHEDULE,
  backfill: ExperimentRun_Trigger.BACKFILL,
  person: ExperimentRun_Trigger.PERSON,
});

export const comparisonResults = new Words<Comparison['verdict'], Comparison_Result>({
  higher: Comparison_Result.HIGHER,
  lower: Comparison_Result.LOWER,
  undecided: Comparison_Result.UNDECIDED,
});

export const findingVerdicts = new Words<FindingVerdict, ReaperFinding_Verdict>({
  owned: ReaperFinding_Verdict.OWNED,
  condemned: ReaperFinding_Verdict.CONDEMNED,
  reaping: ReaperFinding_Verdict.REAPING,
  'given-up': ReaperFinding_Verdict.GIVEN_UP,
});
