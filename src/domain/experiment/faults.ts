import { formatDuration } from '../duration.ts';
import { NAME } from '../service/service.ts';
import { countStacks } from './drill/drill.ts';
import { findDrillFaults } from './drill/faults.ts';
import { type CompareSpec, EXPERIMENT_NAME, type ExperimentSpec, MOST_VARIANTS, VARIANT_NAME } from './experiment.ts';
import { type ExperimentFault, findScheduleFaults } from './schedule-faults.ts';

export type { ExperimentFault } from './schedule-faults.ts';

/** What an installation allows. */
export interface ExperimentLimits {
  /** How long a run may last at most, in milliseconds. */
  longestTtlMs: number;
}

const HOUR_MS = 3_600_000;

/** Everything that is wrong with an experiment by itself, whatever services and blueprints there are; in its order. */
export function findExperimentFaults(spec: ExperimentSpec, { longestTtlMs }: ExperimentLimits): ExperimentFault[] {
  return [
    ...findNameFaults(spec),
    ...(spec.drill ? findDrillFaults(spec, spec.drill) : findVariantFaults(spec)),
    ...findProbeFaults(spec),
    ...(spec.compare && !spec.drill ? findCompareFaults(spec, spec.compare) : []),
    ...(spec.schedule ? findScheduleFaults(spec.schedule) : []),
    ...findTtlFaults(spec, longestTtlMs),
    ...findBudgetFaults(spec),
    ...(spec.drill ? [] : findAddressFaults(spec)),
  ];
}

/** By what its budget can never allow a run, with the figures. */
export function findBudgetFaults(spec: ExperimentSpec): ExperimentFault[] {
  const { budget, ttlMs, drill, overlap } = spec;
  const { stacks, stackHoursPerDay } = budget;
  const needed = countStacks(spec);
  const what = drill ? `${needed} stacks at the same time` : count(needed, 'variant');
  const both = 2 * needed;
  const hours = (needed * ttlMs) / HOUR_MS;
  return [
    ...faultIf(
      stacks !== undefined && stacks < needed,
      'budget.stacks',
      `expected ${needed} at least, since a run has ${what}, found ${stacks}`,
    ),
    ...faultIf(
      overlap === 'hand-over' && stacks !== undefined && stacks >= needed && stacks < both,
      'budget.stacks',
      `expected ${both} at least, since with overlap hand-over a run stays until the stacks of the next one are there, found ${stacks}`,
    ),
    ...faultIf(
      stackHoursPerDay !== undefined && stackHoursPerDay < hours,
      'budget.stackHoursPerDay',
      `expected ${round(hours)} at least, since a run has ${what} for up to ${formatDuration(ttlMs)}, found ${stackHoursPerDay}`,
    ),
  ];
}

function findNameFaults({ experiment: { name, environment } }: ExperimentSpec): ExperimentFault[] {
  return [
    ...faultIf(
      !EXPERIMENT_NAME.test(name),
      'name',
      `expected 1 to 24 lower-case letters, digits and single hyphens, a letter first, found '${name}'`,
    ),
    ...faultIf(
      !NAME.test(environment),
      'environment',
      `expected 1 to 40 lower-case letters, digits and hyphens, a letter first, found '${environment}'`,
    ),
  ];
}

function findVariantFaults({ variants }: ExperimentSpec): ExperimentFault[] {
  const names = variants.map(({ name }) => name);
  const fits = names.length >= 1 && names.length <= MOST_VARIANTS;
  return [
    ...faultIf(!fits, 'variants', `expected 1 to ${MOST_VARIANTS}, found ${names.length}`),
    ...names.flatMap((name, index) =>
      faultIf(
        !VARIANT_NAME.test(name),
        `variants[${index}].name`,
        `expected 1 to 14 lower-case letters, digits and single hyphens, a letter first, found '${name}'`,
      ),
    ),
    ...findRepeats(names, (index) => `variants[${index}].name`),
  ];
}

function findProbeFaults({ probes, ttlMs }: ExperimentSpec): ExperimentFault[] {
  return [
    ...findRepeats(
      probes.map(({ name }) => name),
      (index) => `probes[${index}].name`,
    ),
    ...probes.flatMap((probe, index) => {
      if (probe.kind !== 'load') return [];
      const lasts = probe.warmUpMs + probe.forMs;
      return faultIf(
        lasts >= ttlMs,
        `probes[${index}].load.for`,
        `expected less than the ttl of ${formatDuration(ttlMs)} together with warmUp, found ${formatDuration(lasts)}`,
      );
    }),
  ];
}

function findCompareFaults({ variants, probes }: ExperimentSpec, compare: CompareSpec): ExperimentFault[] {
  const { baseline, confidence, tolerance } = compare;
  const names = variants.map(({ name }) => name);
  const loads = probes.filter(({ kind }) => kind === 'load').map(({ name }) => name);
  return [
    ...faultIf(names.length < 2, 'compare', `expected two variants at least to compare, found ${names.length}`),
    ...faultIf(loads.length === 0, 'compare', 'expected a load among the probes: only their figures are compared'),
    ...faultIf(!names.includes(baseline), 'compare.baseline', expectedOne('variant', names, baseline)),
    ...(compare.probes ?? []).flatMap((name, index) =>
      faultIf(!loads.includes(name), `compare.probes[${index}]`, expectedOne('load', loads, name)),
    ),
    ...faultIf(
      !(confidence > 0 && confidence < 1),
      'compare.confidence',
      `expected a share above 0 and below 1, such as 0.95, found ${confidence}`,
    ),
    ...faultIf(
      !(tolerance >= 0 && tolerance < 1),
      'compare.tolerance',
      `expected a share from 0 to below 1, such as 0.05, found ${tolerance}`,
    ),
  ];
}

function findTtlFaults({ ttlMs, keepMs }: ExperimentSpec, longestTtlMs: number): ExperimentFault[] {
  return [
    ...faultIf(!(ttlMs > 0), 'ttl', `expected more than 0, found ${ttlMs} ms`),
    ...faultIf(
      ttlMs > longestTtlMs,
      'ttl',
      `expected at most ${formatDuration(longestTtlMs)}, found ${formatDuration(ttlMs)}: no run may last longer here`,
    ),
    ...faultIf(!(keepMs > 0), 'keep', `expected more than 0, found ${keepMs} ms`),
  ];
}

function findAddressFaults({ addresses = {}, variants }: ExperimentSpec): ExperimentFault[] {
  const names = variants.map(({ name }) => name);
  const entries = Object.entries(addresses);
  return entries.flatMap(([variant, port], index) => {
    const path = `addresses.${variant}`;
    const isPort = Number.isInteger(port) && port >= 1 && port <= 65_535;
    const other = entries.slice(0, index).find(([, taken]) => taken === port);
    return [
      ...faultIf(!names.includes(variant), path, expectedOne('variant', names, variant)),
      ...faultIf(!isPort, path, `expected a port from 1 to 65535, found ${port}`),
      ...faultIf(other !== undefined, path, `expected a port of its own, found ${port}, which ${other?.[0]} has`),
    ];
  });
}

function findRepeats(names: readonly string[], pathOf: (index: number) => string): ExperimentFault[] {
  return names.flatMap((name, index) =>
    faultIf(names.indexOf(name) < index, pathOf(index), `expected a name of its own, found '${name}' again`),
  );
}

function expectedOne(what: string, names: readonly string[], found: string): string {
  return `expected a ${what}${names.length > 0 ? ` (${names.join(', ')})` : ', of which there is none'}, found '${found}'`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function round(hours: number): number {
  return Math.ceil(hours * 100) / 100;
}

function faultIf(isWrong: boolean, path: string, message: string): ExperimentFault[] {
  return isWrong ? [{ path, message }] : [];
}
