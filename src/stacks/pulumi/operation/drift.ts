import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../../../domain/canonical-json.ts';
import type { DriftFinding } from '../../../domain/drift/finding.ts';
import { readResourceName } from '../../plan.ts';

type Values = Record<string, unknown>;

/** What an engine event has of a resource at one time. */
interface ReadState {
  inputs?: Values | undefined;
  outputs?: Values | undefined;
}

/** What an engine event says of a resource that was read anew. */
export interface ReadStep {
  op: string;
  urn: string;
  type: string;
  old?: ReadState | undefined;
  new?: ReadState | undefined;
  /** Which properties differ, by their names or paths. */
  diffs?: string[] | null | undefined;
  detailedDiff?: Record<string, unknown> | null | undefined;
}

/** Turns values into what tells them apart, and from which nobody learns them. */
export type Seal = (values: unknown) => string;

/** Enough for two changes of the same properties to be told apart. */
const MARK_CHARS = 16;

/** Keyed, since a plain hash of a value with few possibilities gives it away. */
export async function createSeal(passphraseFile: string): Promise<Seal> {
  const key = await readFile(passphraseFile);
  return (values) => createHmac('sha256', key).update(canonicalJson(values)).digest('hex').slice(0, MARK_CHARS);
}

/**
 * What a step of a refresh has found; undefined where the resource is as it was made. Whether it is, its provider has said: what
 * only the provider itself sets, and changes, is no drift.
 */
export function readDrift(step: ReadStep, seal: Seal): DriftFinding | undefined {
  const { op, urn, type } = step;
  const resource = { urn, type, name: readResourceName(urn) };
  if (op === 'delete') return { ...resource, kind: 'gone', properties: [], mark: '' };
  if (op !== 'update') return undefined;
  const properties = listProperties(step);
  const [inputs, outputs] = [step.new?.inputs, step.new?.outputs].map((values) => pick(values, properties));
  return { ...resource, kind: 'changed', properties, mark: seal({ inputs, outputs }) };
}

/** The names of the properties that the provider says differ; what can be seen to differ where it only says that some do. */
function listProperties({ old, new: now, diffs, detailedDiff }: ReadStep): string[] {
  const paths = [...(diffs ?? []), ...Object.keys(detailedDiff ?? {})];
  const named = paths.map((path) => /^[^.[]+/.exec(path)?.[0] ?? path);
  const candidates = [named, listDifferences(old?.inputs, now?.inputs), listDifferences(old?.outputs, now?.outputs)];
  return [...new Set(candidates.find((names) => names.length > 0))].toSorted();
}

/** Names that begin like this are the engine's and its providers' own. */
function listDifferences(before: Values = {}, now: Values = {}): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names.filter((name) => !name.startsWith('__') && !isDeepStrictEqual(before[name], now[name]));
}

function pick(values: Values = {}, names: readonly string[]): Values {
  return Object.fromEntries(names.flatMap((name) => (name in values ? [[name, values[name]]] : [])));
}
