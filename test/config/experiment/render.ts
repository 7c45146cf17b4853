import { stringify } from 'yaml';
import type { ExperimentSpec } from '../../../src/domain/experiment/experiment.ts';
import { writeStatus } from '../../../src/domain/rollout/status-spans.ts';
import { formatDuration } from '../../../src/config/duration.ts';
import { EXPERIMENT_KIND } from '../../../src/config/experiment/schema.ts';
import { buildExperimentManifest } from '../../../src/config/experiment/spec.ts';
import { API_VERSION } from '../../../src/config/manifest/schema.ts';
import { renderCheck } from '../manifest/render.ts';

/** Writes an experiment as a manifest that reads back as the same experiment, every default spelled out. */
export function renderExperiment(spec: ExperimentSpec): string {
  const { schedule, variants, drill, ...manifest } = buildExperimentManifest(spec);
  // What is undefined is left out.
  return stringify({
    apiVersion: API_VERSION,
    kind: EXPERIMENT_KIND,
    ...manifest,
    variants: variants?.map((variant, index) => ({
      ...variant,
      checks: spec.variants[index]?.checks?.map(renderCheck),
    })),
    drill: drill && {
      ...drill,
      release: drill.release && { ...drill.release, checks: spec.drill?.release?.checks?.map(renderCheck) },
      checks: spec.drill?.checks?.map(renderCheck),
    },
    probes: spec.probes.length === 0 ? undefined : spec.probes.map(renderProbe),
    schedule: schedule && {
      ...schedule,
      every: write(schedule.every),
      offset: write(schedule.offset),
      jitter: write(schedule.jitter),
    },
    ttl: formatDuration(spec.ttlMs),
    keep: formatDuration(spec.keepMs),
  });
}

function renderProbe(probe: ExperimentSpec['probes'][number]): Record<string, unknown> {
  if (probe.kind === 'check') return renderCheck(probe.check);
  const { name, kind: _, forMs, warmUpMs, timeoutMs, status, ...load } = probe;
  const times = { for: formatDuration(forMs), warmUp: formatDuration(warmUpMs), timeout: formatDuration(timeoutMs) };
  return { name, load: { ...load, ...times, status: writeStatus(status) } };
}

function write(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : formatDuration(milliseconds);
}
