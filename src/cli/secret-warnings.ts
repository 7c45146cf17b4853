import { formatPath } from '../config/fault.ts';
import type { ExperimentSpec } from '../domain/experiment/experiment.ts';
import type { JsonObject } from '../domain/json.ts';
import { findLikelySecrets } from '../domain/secrets/likely-secrets.ts';
import type { ServiceSpec } from '../domain/service/service.ts';
import type { Session } from './session.ts';
import { renderWarning } from './views/receipt.ts';

/** A mapping that may hold secrets, and where it stands in its manifest. */
interface PlacedConfig {
  path: (string | number)[];
  config: JsonObject;
}

/** Where a service's manifest may name secrets: its blueprint's config, and what its metrics are asked with. */
export function listServiceConfigs({ blueprint, strategy: { metrics = [] } }: ServiceSpec): PlacedConfig[] {
  const ofMetrics = metrics.flatMap((metric, index): PlacedConfig[] => {
    const path = ['strategy', 'metrics', index];
    switch (metric.kind) {
      case 'prometheus':
        return [{ path: [...path, 'prometheus', 'headers'], config: metric.headers ?? {} }];
      case 'http-json':
        return [{ path: [...path, 'httpJson', 'headers'], config: metric.headers ?? {} }];
      case 'command':
        return [{ path: [...path, 'command', 'env'], config: metric.env ?? {} }];
      default:
        return [];
    }
  });
  return [{ path: ['blueprint', 'config'], config: blueprint.config }, ...ofMetrics];
}

/** Where an experiment's manifest may: what its variants are made from, and what a drill changes. */
export function listExperimentConfigs({ variants, drill }: ExperimentSpec): PlacedConfig[] {
  const drilled = [
    { path: ['drill', 'patch'], config: drill?.patch ?? {} },
    { path: ['drill', 'release', 'patch'], config: drill?.release?.patch ?? {} },
  ];
  const ofVariants = variants.map(({ source }, index): PlacedConfig => {
    const path = ['variants', index];
    if (source.kind === 'like') return { path: [...path, 'patch'], config: source.patch ?? {} };
    return { path: [...path, 'blueprint', 'config'], config: source.blueprint.config };
  });
  return [...drilled, ...ofVariants];
}

/** What stands in a manifest is on record for ever. It is a guess, so nothing is refused by it. */
export function warnOfSecrets({ terminal }: Session, configs: readonly PlacedConfig[]): void {
  const { width } = terminal.frame();
  for (const { config, path: base } of configs) {
    for (const { path, looksLike } of findLikelySecrets(config)) {
      const place = formatPath([...base, ...path]);
      const text = `${place} looks like ${looksLike}, and would be on record in the clear; say where it is instead: { secret: env:${path.at(-1) ?? 'NAME'} }`;
      terminal.remark(...renderWarning(text, width));
    }
  }
}
