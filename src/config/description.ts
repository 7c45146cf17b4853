import type { ExperimentSpec } from '../domain/experiment/experiment.ts';
import type { ServiceSpec } from '../domain/service/service.ts';
import { EXPERIMENT_KIND } from './experiment/schema.ts';
import { parseExperimentManifest } from './experiment/parse.ts';
import { describeValue, type Fault } from './fault.ts';
import { parseManifest } from './manifest/parse.ts';
import { KIND } from './manifest/schema.ts';
import { nearest } from './nearest.ts';
import { readDocument } from './yaml/document.ts';
import { placeProblems } from './yaml/place.ts';

/** What a file describes that can be applied. */
export type Described = { kind: 'Service'; spec: ServiceSpec } | { kind: 'Experiment'; spec: ExperimentSpec };

export type ParsedDescription = { ok: true; described: Described } | { ok: false; faults: Fault[] };

const KINDS = [KIND, EXPERIMENT_KIND] as const;

/**
 * Reads a manifest of whichever kind it says it is: complete with defaults, or with all its faults. Never throws. Relative
 * paths count from `folder`.
 */
export function parseDescription(text: string, folder: string): ParsedDescription {
  const kind = kindOf(text);
  if (typeof kind === 'object') return { ok: false, faults: kind.faults };
  if (kind === 'Experiment') {
    const parsed = parseExperimentManifest(text, folder);
    return parsed.ok ? { ok: true, described: { kind, spec: parsed.spec } } : parsed;
  }
  const parsed = parseManifest(text, folder);
  return parsed.ok ? { ok: true, described: { kind, spec: parsed.spec } } : parsed;
}

/** The kind that is meant; without one it is a service's. What cannot be read at all is for its reader to say. */
function kindOf(text: string): (typeof KINDS)[number] | { faults: Fault[] } {
  const read = readDocument(text);
  if ('faults' in read) return KIND;
  const { document } = read;
  const given: unknown = document.yaml.get('kind');
  if (given === undefined || given === null) return KIND;
  const meant = typeof given === 'string' ? nearest(given, KINDS)[0] : undefined;
  const known = KINDS.find((each) => each === meant);
  if (known !== undefined) return known;
  const problem = { path: ['kind'], wanted: KINDS.join(' or '), found: describeValue(given) };
  return { faults: placeProblems(document, [problem]) };
}
