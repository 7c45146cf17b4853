import { compareVariants } from '../../domain/experiment/compare.ts';
import type { RunOutcome, RunRef, RunStatus, RunVariant } from '../../domain/experiment/run.ts';
import type { ExperimentStore, RunRecord } from '../../store/experiments/stores.ts';
import { recordProof } from './proofs.ts';
import { requirePlan, requireRun, toVariant } from './require-run.ts';
import type { RunJournal } from './run-journal.ts';

/** That a run ends, who has said so, and why. */
export type Ending = NonNullable<RunRecord['stop']>;

/** What somebody wants of a run. */
export interface RunWishes {
  deadlineAt: string;
  stop?: Ending;
  /** Somebody else has recorded that it is over. */
  isOver: boolean;
}

export interface EndingTask {
  status: RunStatus;
  ending: Ending;
}

export interface RunEnding {
  ending: Ending;
  /** Those that were leased, though their workflow may not have heard of it. */
  variants: RunVariant[];
  /** The router may lead to some of them. */
  hasAddresses: boolean;
}

export interface EndTask {
  status: RunStatus & { outcome: RunOutcome; endedAt: string };
}

export interface RunEnd {
  status: RunStatus;
  /** The workflows of runs that may go on now. */
  waiting: string[];
}

export interface CompareTask {
  ref: RunRef;
  actor: string;
}

export type Compare = typeof compareVariants;

/** Reads and records how a run stands, what is wanted of it, and how it ended. */
export function runRecordActivities(store: ExperimentStore, journal: RunJournal, compare: Compare = compareVariants) {
  const { runs, leases, results } = store;
  return {
    async readRun({ ref }: { ref: RunRef }): Promise<RunWishes> {
      const { status, stop } = await requireRun(store, ref);
      return { deadlineAt: status.deadlineAt, ...(stop ? { stop } : {}), isOver: status.outcome !== undefined };
    },

    async saveRun({ status }: { status: RunStatus }): Promise<void> {
      await runs.save(status);
    },

    /**
     * That it ends, and what a drill has found out by then, before anything else of it is destroyed. What was recorded first
     * stands, and is returned.
     */
    async recordEnding({ status, ending }: EndingTask): Promise<RunEnding> {
      const before = await runs.find(status);
      if (before && !before.stop) await recordProof(store, journal, before, status, ending);
      const record = await runs.ask(status, { stop: ending });
      const known = new Set(status.variants.map(({ name }) => name));
      const unheard = (await leases.list(status)).filter(({ variant }) => !known.has(variant)).map(toVariant);
      const variants = [...status.variants, ...unheard];
      // Who reads the record has no need to tell it to end any more.
      await runs.save({ ...status, variants, ...(variants.length > 0 ? { phase: 'destroy' as const } : {}) });
      const hasAddresses = Object.keys(record?.plan?.addresses ?? {}).length > 0;
      return { ending: record?.stop ?? ending, variants, hasAddresses };
    },

    /** That it is over, where nobody else has recorded that. */
    async endRun({ status }: EndTask): Promise<RunEnd> {
      const { outcome, because, actor, experiment, run } = status;
      const skipped = outcome === 'skipped' ? 'run.skipped' : 'run.ended';
      await journal.write(status, {
        ...{ type: skipped, step: 'end', actor, data: { outcome } },
        ...(because === undefined ? {} : { reason: because }),
      });
      await runs.save(status);
      const record = await requireRun(store, status);
      const waiting = (await runs.open(experiment)).filter((each) => each.status.run > run && !each.plan);
      return { status: record.status, waiting: waiting.map(({ workflowId }) => workflowId) };
    },

    /** Holds what was found of the variants against each other. */
    async compareRun({ ref, actor }: CompareTask): Promise<string> {
      const { plan } = await requirePlan(store, ref);
      const measured = (await results.find(ref))?.measurements ?? [];
      if (!plan.compare) return 'there is nothing to compare';
      const comparisons = compare(plan.compare, measured);
      const found = comparisons.map(({ probe, variant, figure, verdict }) => ({ probe, variant, figure, verdict }));
      const { baseline } = plan.compare;
      await journal.write(ref, { type: 'run.compared', step: 'compare', actor, data: { baseline, found } });
      await results.saveComparisons(ref, comparisons);
      const clear = comparisons.filter(({ verdict }) => verdict !== 'undecided');
      const shown = clear.slice(0, SHOWN).map(({ words }) => words);
      const more = clear.length > SHOWN ? [`${clear.length - SHOWN} more`] : [];
      return shown.length === 0 ? 'no difference is sure' : [...shown, ...more].join('; ').slice(0, 500);
    },
  };
}

/** Differences that are told beside the phase; all of them are in the results. */
const SHOWN = 3;
