import type { CheckMeasurement, Measurement } from '../../domain/experiment/measurement.ts';
import type { CheckProbe, ProbeSpec } from '../../domain/experiment/probe.ts';
import { type RunRef, formatRunName } from '../../domain/experiment/run.ts';
import type { CheckSpec, Verdict } from '../../domain/evidence/checks.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import { runCheck } from '../../evidence/checks/run.ts';
import { runLoad } from '../../evidence/load/run-load.ts';
import { createConfigRedactor } from '../../secrets/secrets.ts';
import type { ExperimentStore } from '../../store/experiments/stores.ts';
import { raceCancellation } from '../checks.ts';
import { createPermanentFailure } from '../failures.ts';
import { withHeartbeats } from '../heartbeat.ts';
import { locateStack, requirePlan } from './require-run.ts';
import type { RunJournal } from './run-journal.ts';

/** A variant that stands. */
export interface StandingVariant {
  name: string;
  endpoints: Endpoint[];
}

export interface ValidateTask {
  ref: RunRef;
  actor: string;
  variant: StandingVariant;
}

export interface ProbeTask {
  ref: RunRef;
  actor: string;
  probe: string;
  variants: StandingVariant[];
}

/** What a workflow has to know of a finding: all of it is stored. */
export interface Finding {
  variant: string;
  /** Absent where nothing was to be passed. */
  passed?: boolean;
  /** In one line. */
  words: string;
}

/** How a load is sent. */
export type SendLoad = typeof runLoad;

type Stores = Pick<ExperimentStore, 'runs' | 'leases' | 'results'>;

/** Looks at variants: whether they are healthy, and what their probes find. */
export function probeActivities(store: Stores, journal: RunJournal, sendLoad: SendLoad = runLoad) {
  return {
    /** Every check of a variant at once: who reads it sees everything that is wrong. */
    async validateVariant({ ref, actor, variant }: ValidateTask): Promise<Finding> {
      const { plan } = await requirePlan(store, ref);
      const checks = plan.variants.find(({ name }) => name === variant.name)?.checks ?? [];
      const verdicts = await withHeartbeats((signal, report) =>
        Promise.all(checks.map((check) => runRedacted(store, ref, variant, check, { signal, report }))),
      );
      for (const { check, verdict, evidence } of verdicts) {
        const event = { type: 'check.judged', step: `${variant.name}-${check}-${verdict}`, actor, reason: evidence };
        await journal.write(ref, { ...event, data: { variant: variant.name, check, verdict, phase: 'validate' } });
      }
      const bad = verdicts.filter(({ verdict }) => verdict !== 'pass');
      const words = bad
        .map(({ check, verdict, evidence }) => `check ${check} ${JUDGED[verdict]}: ${evidence}`)
        .join('; ');
      return { variant: variant.name, passed: bad.length === 0, words: clip(words) };
    },

    /** All variants at the same moment. What is found is stored; a repeat that finds all of it there measures no more. */
    async probeVariants(task: ProbeTask): Promise<Finding[]> {
      const { ref, actor } = task;
      const { plan } = await requirePlan(store, ref);
      const probe = plan.probes.find(({ name }) => name === task.probe);
      if (!probe) throw createPermanentFailure('NotRecorded', `${formatRunName(ref)} has no probe ${task.probe}`);
      const before = await findMeasured(store, task);
      if (before) return before.map(describeFinding);
      const measured = await measureAll(store, task, probe, sendLoad);
      const keptUntil = new Date(Date.now() + plan.keepMs).toISOString();
      for (const each of measured) {
        const step = `${each.probe}-${each.variant}-${each.from}`;
        await journal.write(ref, { type: 'probe.measured', step, actor, data: summarize(each) });
        await store.results.saveMeasurement(ref, each, keptUntil);
      }
      return measured.map(describeFinding);
    },
  };
}

function measureAll(store: Stores, task: ProbeTask, probe: ProbeSpec, sendLoad: SendLoad): Promise<Measurement[]> {
  return withHeartbeats((signal, report) => {
    const progress: Record<string, unknown> = {};
    return Promise.all(
      task.variants.map((variant) => {
        const tell = (latest: unknown): void => {
          progress[variant.name] = latest;
          report(progress);
        };
        if (probe.kind === 'check') return measureCheck(store, task.ref, variant, probe, { signal, report: tell });
        const { name, endpoints } = variant;
        return raceCancellation(sendLoad(probe, { variant: name, endpoints }, signal, tell), signal);
      }),
    );
  });
}

async function measureCheck(
  store: Stores,
  ref: RunRef,
  variant: StandingVariant,
  { name, check }: CheckProbe,
  watch: Watch,
): Promise<CheckMeasurement> {
  const found = await runRedacted(store, ref, variant, check, watch);
  const { verdict, attempts, passed, evidence, from, to } = found;
  return { kind: 'check', variant: variant.name, probe: name, verdict, attempts, passed, evidence, from, to };
}

/** What evidence quotes is without the values that were handed to the variant's processes. */
async function runRedacted(
  { leases }: Stores,
  ref: RunRef,
  { name, endpoints }: StandingVariant,
  check: CheckSpec,
  { signal, report }: Watch,
): Promise<Verdict> {
  const lease = await leases.find(locateStack(ref, name));
  const redact = await createConfigRedactor(lease?.blueprint.config ?? {});
  const subject = { revision: ref.run, endpoints };
  return raceCancellation(runCheck({ ...check, redact }, subject, signal, report), signal);
}

/** How something that lasts is called off, and told of. */
interface Watch {
  signal: AbortSignal;
  report: (latest: unknown) => void;
}

const JUDGED: Record<Verdict['verdict'], string> = { pass: 'passed', fail: 'failed', inconclusive: 'was inconclusive' };

/** What an attempt before has measured, where that is all. */
async function findMeasured(
  { results }: Pick<ExperimentStore, 'results'>,
  { ref, probe, variants }: ProbeTask,
): Promise<Measurement[] | undefined> {
  const found = (await results.find(ref))?.measurements.filter((each) => each.probe === probe) ?? [];
  const isWhole = variants.every(({ name }) => found.some(({ variant }) => variant === name));
  return isWhole ? found : undefined;
}

function describeFinding(measured: Measurement): Finding {
  const { variant } = measured;
  if (measured.kind === 'check') {
    const { verdict, evidence } = measured;
    return { variant, passed: verdict === 'pass', words: clip(`${JUDGED[verdict]}: ${evidence}`) };
  }
  const { requests, errors, latency } = measured;
  const figures = latency ? `, p50 ${formatMs(latency.p50)}, p99 ${formatMs(latency.p99)}` : '';
  return { variant, words: `${requests} requests, ${errors} errors${figures}` };
}

function formatMs(millis: number): string {
  return `${Number(millis.toPrecision(3))} ms`;
}

function summarize(measured: Measurement): JsonObject {
  const { kind, variant, probe, from, to } = measured;
  const common = { kind, variant, probe, from, to };
  if (measured.kind === 'check') {
    const { verdict, attempts, passed, evidence } = measured;
    return { ...common, verdict, attempts, passed, evidence };
  }
  const { requests, errors, late, latency } = measured;
  return { ...common, requests, errors, late, ...(latency ? { latency: { ...latency } } : {}) };
}

/** Histories carry a line of each. */
function clip(text: string): string {
  return text.length <= 500 ? text : `${text.slice(0, 499)}…`;
}
