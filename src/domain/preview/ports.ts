import type { ExperimentSpec } from '../experiment/experiment.ts';
import { formatExperimentId } from '../experiment/experiment.ts';
import { computeFingerprint } from '../fingerprint.ts';
import { readClientPort } from '../service/router.ts';
import { type ServiceSpec, formatServiceId } from '../service/service.ts';
import { formatPreview, readPreview } from './preview.ts';

/** Ports from the first to the last. */
export interface PortRange {
  first: number;
  last: number;
}

/** Far from what other programs listen on by habit, and from what systems hand out. */
export const PREVIEW_PORTS: PortRange = { first: 18_100, last: 18_999 };

/** Who has a port, by the record. */
export interface PortHolder {
  port: number;
  /** For people: `service web/production`. */
  who: string;
  /** It had it, and would like to have it again: a preview that is over. */
  isIdle?: boolean;
}

/** Reads `18100-18999`; undefined for what is no range of ports. */
export function parsePortRange(text: string): PortRange | undefined {
  const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  return first !== '' && range.first >= 1 && range.first <= range.last && range.last <= 65_535 ? range : undefined;
}

export function formatPortRange({ first, last }: PortRange): string {
  return `${first}-${last}`;
}

/**
 * A port for a preview that asks for none: the one it had, else one that nobody has, which follows from its name as far as
 * others let it, else that of a preview that is over. Undefined where all are taken.
 */
export function choosePort(
  name: string,
  { first, last }: PortRange,
  holders: readonly PortHolder[],
  before?: number,
): number | undefined {
  const taken = new Set(holders.map(({ port }) => port));
  if (before !== undefined && !taken.has(before)) return before;
  const busy = new Set(holders.filter(({ isIdle }) => !isIdle).map(({ port }) => port));
  const size = last - first + 1;
  const start = Number(BigInt(`0x${computeFingerprint(name)}`) % BigInt(size));
  const all = Array.from({ length: size }, (_, index) => first + ((start + index) % size));
  return all.find((port) => !taken.has(port)) ?? all.find((port) => !busy.has(port));
}

/** The ports of an experiment. */
export function listPortsOf(spec: ExperimentSpec, { isIdle = false } = {}): PortHolder[] {
  const preview = readPreview(spec);
  const id = formatExperimentId(spec.experiment);
  return Object.entries(spec.addresses ?? {}).map(([variant, port]) => ({
    port,
    who: preview ? `the preview ${formatPreview(preview)}` : `variant ${variant} of experiment ${id}`,
    ...(isIdle && preview ? { isIdle } : {}),
  }));
}

/** The port of a service, where it asks for one. */
export function listPortsOfService({ service, router }: Pick<ServiceSpec, 'service' | 'router'>): PortHolder[] {
  const { port } = readClientPort(router);
  return port === undefined ? [] : [{ port, who: `service ${formatServiceId(service)}` }];
}
