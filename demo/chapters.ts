import { readFileSync } from 'node:fs';
import type { SupplantClient } from '../src/contract/supplant-client.ts';
import { ANALYSIS_DEFAULTS, DEFAULT_BUDGETS } from '../src/domain/evidence/judge/analysis-spec.ts';
import type { ExperimentSpec } from '../src/domain/experiment/experiment.ts';
import type { RequestMeta, Receipt } from '../src/domain/service/requests.ts';
import type { RolloutOutcome } from '../src/domain/rollout/rollout.ts';
import type { ServiceSpec } from '../src/domain/service/service.ts';
import { parseExperimentManifest } from '../src/config/experiment/parse.ts';
import { type Fault, faultMessage } from '../src/config/fault.ts';
import { parseManifest } from '../src/config/manifest/parse.ts';

/** One part of the story, as it is announced. */
export interface Chapter {
  kind: 'rollout' | 'experiment';
  title: string;
  /** What is asked for, in one line. */
  plot: string;
}

/** A rollout, and how it must end. */
export interface RolloutChapter extends Chapter {
  kind: 'rollout';
  /** The revision that the rollout is about. */
  revision: number;
  expected: RolloutOutcome;
  /** Whether the way back to a warm revision is measured. */
  isRollback?: boolean;
  request(client: SupplantClient, change: RequestMeta): Promise<Receipt>;
}

/** A run of an experiment, which must succeed whatever it finds. */
export interface ExperimentChapter extends Chapter {
  kind: 'experiment';
  spec: ExperimentSpec;
}

export const NEXT_ARTIFACT = 'npm:http-server@14.1.1';

/** What the broken release serves: nothing of that name is in the package, so it answers 404. */
const MISSING_FOLDER = 'node_modules/http-server/dist';

const ONE_AT_A_TIME = new URL('one-at-a-time.mjs', import.meta.url).href;

/** The share of the traffic that a release gets that nobody knows yet, in percent. */
export const CAUGHT_AT = 10;

/** The service as first deployed. */
export function demoService(): ServiceSpec {
  return specOf('supplant.yaml', parseManifest);
}

function specOf<Spec>(
  file: string,
  parse: (text: string) => { ok: true; spec: Spec } | { ok: false; faults: Fault[] },
): Spec {
  const parsed = parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
  if (parsed.ok) return parsed.spec;
  throw new Error(`the demo's ${file} is wrong: ${parsed.faults.map(faultMessage).join('; ')}`);
}

/** The next version with a mistake in its config: it starts and listens, and has nothing to show. */
export function brokenService(spec: ServiceSpec): ServiceSpec {
  const [, ...rest] = spec.blueprint.config.args as string[];
  const config = { ...spec.blueprint.config, args: [MISSING_FOLDER, ...rest] };
  return { ...spec, artifact: NEXT_ARTIFACT, blueprint: { ...spec.blueprint, config } };
}

/**
 * The next version with a mistake that only traffic shows: it works on one request at a time. It is rolled out as what nobody
 * knows yet should be: to a tenth of the traffic, held against what is live.
 */
export function slowService(spec: ServiceSpec): ServiceSpec {
  const config = { ...spec.blueprint.config, env: { NODE_OPTIONS: `--import=${ONE_AT_A_TIME}` } };
  const { alpha, confidence, mayRise, leastRequests } = ANALYSIS_DEFAULTS;
  return {
    ...spec,
    artifact: NEXT_ARTIFACT,
    blueprint: { ...spec.blueprint, config },
    strategy: {
      ...{ kind: 'canary', steps: [{ weight: CAUGHT_AT, bakeMs: 6_000 }], bakeMs: 2_000 },
      ...{ leastRequests, waitForRequestsMs: 20_000 },
      analysis: {
        compare: { errors: { alpha }, latency: { confidence, mayRise } },
        ...{ leastRequests, budgets: DEFAULT_BUDGETS },
      },
    },
  };
}

export function rolloutChapters(spec: ServiceSpec): RolloutChapter[] {
  return [
    {
      kind: 'rollout',
      title: 'First deployment',
      plot: `${spec.artifact} becomes r1`,
      revision: 1,
      expected: 'succeeded',
      request: (client, change) => client.apply(spec, change),
    },
    {
      kind: 'rollout',
      title: 'Replacement',
      plot: `${NEXT_ARTIFACT} becomes r2 and takes over from r1`,
      revision: 2,
      expected: 'succeeded',
      request: (client, change) => client.deploy(spec.service, NEXT_ARTIFACT, change),
    },
    {
      kind: 'rollout',
      title: 'A broken release',
      plot: 'r3 serves a folder that does not exist: it must get no request',
      revision: 3,
      expected: 'failed',
      request: (client, change) => client.apply(brokenService(spec), change),
    },
    {
      kind: 'rollout',
      title: 'A slow release',
      plot: 'r4 passes its checks and slows down under traffic',
      revision: 4,
      expected: 'rolled-back',
      request: (client, change) => client.apply(slowService(spec), change),
    },
    {
      kind: 'rollout',
      title: 'Rollback',
      plot: 'back to r1, which is still warm',
      isRollback: true,
      revision: 1,
      expected: 'succeeded',
      request: (client, change) => client.rollback(spec.service, undefined, change),
    },
  ];
}

export function experimentChapter(): ExperimentChapter {
  return {
    kind: 'experiment',
    title: 'An experiment',
    plot: 'copies of r1 and of the next version are compared',
    spec: specOf('experiment.yaml', parseExperimentManifest),
  };
}
