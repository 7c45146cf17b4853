import { randomUUID } from 'node:crypto';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { CheckSpec } from '../../src/domain/evidence/checks.ts';
import type { ExperimentKey, ExperimentSpec } from '../../src/domain/experiment/experiment.ts';
import type { LoadProbe, ProbeSpec } from '../../src/domain/experiment/probe.ts';
import { type RunRef, type RunStatus, experimentIds } from '../../src/domain/experiment/run.ts';
import type { RefusedStart } from '../../src/domain/service/requests.ts';
import type { RunRecord } from '../../src/store/experiments/stores.ts';
import type { ExperimentResult, experiment } from '../../src/workflows/experiment/experiment.ts';
import { runChangedSignal } from '../../src/workflows/shared/messages.ts';
import type { Bench } from './bench.ts';
import { check } from './samples.ts';

type Handle = WorkflowHandleWithFirstExecutionRunId<typeof experiment>;

/** A run that was asked for. */
export interface Asked {
  ref: RunRef;
  handle: Handle;
  /** How it ended. */
  over(): Promise<RunStatus>;
}

/** Far enough away for what no test waits for. */
export const LONG_MS = 3_600_000;

/** An experiment, asked for runs as a gateway asks: on record first, then in Temporal. */
export class ExperimentBench {
  readonly bench: Bench;
  readonly key: ExperimentKey;

  constructor(bench: Bench, name = 'nightly') {
    this.bench = bench;
    this.key = { name, environment: bench.service.environment };
  }

  get store() {
    return this.bench.activities.store.experiments;
  }

  /** Two variants of a release, without anything to find out about them. */
  spec(over: Partial<ExperimentSpec> = {}): ExperimentSpec {
    return {
      experiment: this.key,
      variants: ['blue', 'green'].map((name) => release(name)),
      probes: [],
      ttlMs: LONG_MS,
      stay: 'until-probed',
      overlap: 'skip',
      budget: {},
      keepMs: LONG_MS,
      ...over,
    };
  }

  async apply(over: Partial<ExperimentSpec> = {}): Promise<ExperimentSpec> {
    return (await this.store.experiments.save(this.spec(over))).spec;
  }

  /** As a gateway has begun it, before Temporal hears of it. */
  async record(requestId = randomUUID()): Promise<RunRecord> {
    const { spec } = (await this.store.experiments.find(this.key))!;
    const at = new Date();
    return this.store.runs.begin({
      experiment: this.key,
      workflowId: experimentIds.requested(this.key, requestId),
      ...{ trigger: 'person', actor: 'ada', reason: 'because', at: at.toISOString(), stacks: spec.variants.length },
      deadlineAt: new Date(at.getTime() + spec.ttlMs).toISOString(),
    });
  }

  async run(): Promise<Asked> {
    return this.start(await this.record());
  }

  async start({ workflowId, status }: Pick<RunRecord, 'workflowId' | 'status'>): Promise<Asked> {
    const { env, taskQueue } = this.bench;
    const handle = await env.client.workflow.start<typeof experiment>('experiment', {
      ...{ workflowId, taskQueue },
      args: [{ v: 1, experiment: this.key }],
    });
    return this.#asked(handle, { experiment: this.key, run: status.run });
  }

  async stop({ ref, handle }: Pick<Asked, 'ref' | 'handle'>, reason = 'enough'): Promise<void> {
    await this.store.runs.ask(ref, { stop: { by: 'bob', reason, outcome: 'stopped' } });
    await handle.signal(runChangedSignal);
  }

  async extend({ ref, handle }: Pick<Asked, 'ref' | 'handle'>, deadlineAt: string): Promise<void> {
    await this.store.runs.ask(ref, { deadlineAt });
    await this.store.leases.extend(ref, deadlineAt);
    await handle.signal(runChangedSignal);
  }

  async until({ handle }: Pick<Asked, 'handle'>, shows: (status: RunStatus) => boolean): Promise<RunStatus> {
    for (;;) {
      const status = await handle.query<RunStatus | null>('status');
      if (status && shows(status)) return status;
      await this.bench.pause();
    }
  }

  /** What is left of it: stacks, leases, routes. */
  async left(): Promise<string[]> {
    const { variants } = this.bench.activities;
    const leases = (await this.store.leases.list()).map(({ stack }) => `lease of ${stack}`);
    const routes = [...variants.routes].flatMap(([id, { route }]) => (route ? [`route of ${id}`] : []));
    return [...variants.names, ...leases, ...routes];
  }

  /** The types of what is in the audit log of a run, in order. */
  async events({ ref }: Pick<Asked, 'ref'>): Promise<string[]> {
    const { name, environment } = ref.experiment;
    const rollout = `${name}/${environment}@${ref.run}`;
    return (await this.bench.activities.store.audit.list({ rollout })).map(({ type }) => type);
  }

  #asked(handle: Handle, ref: RunRef): Asked {
    return { ref, handle, over: async () => statusOf(await handle.result()) };
  }
}

export function statusOf(result: ExperimentResult | RefusedStart): RunStatus {
  if ('refused' in result) throw new Error(`refused: ${result.refused}`);
  return result.status;
}

export function release(name: string, checks: CheckSpec[] = [check('home')]): ExperimentSpec['variants'][number] {
  const blueprint = { name: 'local-process', config: { variant: name } };
  return { name, source: { kind: 'release', artifact: 'npm:http-server@1.0.0', blueprint }, checks };
}

export function checkProbe(name: string): ProbeSpec {
  return { kind: 'check', name, check: check(name) };
}

export function loadProbe(name: string): LoadProbe {
  const timing = { rate: 10, forMs: 100, warmUpMs: 0, timeoutMs: 1_000 };
  return { kind: 'load', name, ...timing, method: 'GET', path: '/', status: [200] };
}
