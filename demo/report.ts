import type { RunOutcome } from '../src/domain/experiment/run.ts';
import type { RolloutOutcome } from '../src/domain/rollout/rollout.ts';
import type { LoadReport } from './load-counts.ts';

/** What `demo-report.json` holds; everything in it was measured. */
export interface DemoReport {
  ok: boolean;
  /** What was not as expected, in sentences. */
  faults: string[];
  /** Of the whole demo, from its start to the count of what is left. */
  seconds: number;
  requests: {
    total: number;
    failed: number;
    perSecond: number;
    /** From when a request was due until its answer was complete. */
    latencyMillis: LoadReport['latency'];
    /** By the version that answered. */
    answeredBy: Record<string, number>;
    failures: LoadReport['failures'];
  };
  rollouts: RolloutReport[];
  /** The revision that never became healthy. */
  refused: RefusedReport;
  /** The revision that was healthy until it had traffic. */
  caught: CaughtReport;
  rollback: RollbackReport;
  experiment: ExperimentReport;
  removal: { outcome: RolloutOutcome | 'none'; seconds: number };
  /** How `supplant dev` ended after one Ctrl-C. */
  dev: string;
  leftovers: { stacks: number; processes: number; leases: number; experiments: number; names: string[] };
  audit: { events: number; verified: boolean; fault?: string };
}

export interface RolloutReport {
  title: string;
  revision: number;
  outcome: RolloutOutcome | 'none';
  expected: RolloutOutcome;
  /** From the call until the rollout was over. */
  seconds: number;
  because?: string;
}

export interface RefusedReport {
  /** 0 when the story did not get there. */
  revision: number;
  /** Requests it got that were not its checks', by its own log and by the router's count. */
  requests: number;
  /** Requests of its checks in its log: 0 would mean that the log was never seen. */
  checks: number;
  /** Whether anything was left of its stack when its rollout was over. */
  stackLeft: boolean;
}

export interface CaughtReport {
  /** 0 when the story did not get there. */
  revision: number;
  /** The verdict that sent its traffic back; absent where none did. */
  check?: string;
  /** The largest share of the traffic that it had, in percent. */
  weight: number;
  /** How much of the traffic it had, as time of all of it, and how much that might have been by its plan, in milliseconds. */
  exposureMs: number;
  worstExposureMs: number;
}

export interface RollbackReport {
  /** From the client's call until the router reported the new generation with 100 % on the warm revision; 0 when it
   * never did. */
  millis: number;
  /** From the client's call until the last request was sent that the replaced revision still answered. */
  lastOldAnswerMillis: number;
}

export interface ExperimentReport {
  title: string;
  /** 0 when the story did not get there. */
  run: number;
  outcome: RunOutcome | 'none';
  because?: string;
  /** From the call until the run was over and its stacks were gone. */
  seconds: number;
  variants: VariantReport[];
  /** How the variants differ, if they do, in sentences, what differs first: an interval, or why nothing can be said. */
  found: string[];
  /** What was sent to the service itself meanwhile. */
  live: { requests: number; failed: number };
  /** Stacks of it that were left when it was over. */
  left: string[];
}

/** A variant, and the load that it got. */
export interface VariantReport {
  name: string;
  artifact: string;
  requests: number;
  errors: number;
  /** Requests that the machine was too busy to send in time: with more than a few, nothing can be said of latencies. */
  late: number;
  /** Absent where no request was answered. */
  medianMillis?: number;
}

/** Seconds and milliseconds to a tenth, counts as they are. */
export function reportText(report: DemoReport): string {
  return `${JSON.stringify(
    report,
    (_key, value: unknown) => (typeof value === 'number' ? Math.round(value * 10) / 10 : value),
    2,
  )}\n`;
}
