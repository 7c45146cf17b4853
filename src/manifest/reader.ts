import { isAlias, isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import { describeNode, describeScalar, type ManifestDocument, MOST_FAULTS } from './document.ts';
import { parseDuration } from './duration.ts';
import type { Fault } from './fault.ts';
import { nearest } from './nearest.ts';

/** A value in the manifest and where it stands. */
export interface Spot {
  path: string;
  node: Node | null;
  /** Where to point: at the value, or at its key or parent where there is none. */
  offset: number;
  /** Where its key stands, for an entry of a mapping. */
  keyOffset?: number;
}

export interface Limits {
  least: number;
  most: number;
}

/** Values in one manifest, those behind aliases counted at each use: plenty for people, too few for a bomb. */
const MOST_VALUES = 10_000;
/** Longest text anywhere in a manifest, in characters. */
const LONGEST_TEXT = 4096;

/** Reads values of the wanted type, and notes a fault and returns null where there is another. */
export class Reader {
  readonly #faults: Fault[] = [];
  readonly #document: ManifestDocument;
  #values = 0;

  constructor(document: ManifestDocument) {
    this.#document = document;
  }

  /** In the order of the file. */
  get faults(): Fault[] {
    const sorted = this.#faults.toSorted((one, other) => one.line - other.line || one.column - other.column);
    return sorted.slice(0, MOST_FAULTS);
  }

  fault(spot: Spot, wanted: string, found = describeNode(spot.node), meant?: string): null {
    const place = this.#document.place(spot.offset);
    this.#faults.push({ path: spot.path, ...place, found, wanted, ...(meant === undefined ? {} : { meant }) });
    return null;
  }

  spot(path: string, value: unknown, elsewhere: number): Spot {
    const node = this.#resolve(value);
    // An aliased value is at fault where it is used.
    const at = isAlias(value) ? value.range?.[0] : node?.range?.[0];
    const spot = { path, node, offset: at ?? elsewhere };
    this.#values += 1;
    if (this.#values === MOST_VALUES) this.fault(spot, `at most ${MOST_VALUES} values in a manifest`, 'more');
    return spot;
  }

  /** The entries of a mapping by key. */
  entries(spot: Spot): Map<string, Spot> | null {
    if (!isMap(spot.node)) return this.fault(spot, 'a mapping');
    const entries = new Map<string, Spot>();
    for (const { key, value } of spot.node.items) {
      const name = isScalar(key) ? String(key.value) : undefined;
      const at = isScalar(key) || isAlias(key) ? (key.range?.[0] ?? spot.offset) : spot.offset;
      if (name === undefined) this.fault({ ...spot, offset: at }, 'a plain word as key', 'another kind of key');
      else entries.set(name, { ...this.spot(below(spot, name), value, at), keyOffset: at });
    }
    return entries;
  }

  /** The entries of a mapping whose keys are known; unknown ones are faults. Empty where it is no mapping. */
  fields<Key extends string>(spot: Spot, keys: readonly Key[]): Partial<Record<Key, Spot>> {
    const fields: Partial<Record<Key, Spot>> = {};
    for (const [name, value] of this.entries(spot) ?? []) {
      const key = keys.find((known) => known === name);
      if (key === undefined) this.#unknownKey(value, name, keys);
      else fields[key] = value;
    }
    return fields;
  }

  missing(parent: Spot, key: string, wanted: string): null {
    return this.fault({ path: below(parent, key), node: null, offset: parent.offset }, wanted, 'nothing');
  }

  items(spot: Spot, wanted = 'a list'): Spot[] | null {
    if (!isSeq(spot.node)) return this.fault(spot, wanted);
    return spot.node.items.map((item, index) => this.spot(`${spot.path}[${index}]`, item, spot.offset));
  }

  /** Text without line breaks and other control characters. */
  text(spot: Spot, wanted = 'text', pattern = /^./): string | null {
    const value = isScalar(spot.node) ? spot.node.value : undefined;
    if (typeof value === 'number' && pattern.test(String(value))) return this.fault(spot, `${wanted}, in quotes`);
    if (typeof value !== 'string' || !pattern.test(value)) return this.fault(spot, wanted);
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u001f\u007f]/.test(value)) return this.fault(spot, 'text without control characters');
    if (value.length > LONGEST_TEXT) return this.fault(spot, `at most ${LONGEST_TEXT} characters`);
    return value;
  }

  /** One of a few words. */
  word<Word extends string>(spot: Spot, words: readonly Word[]): Word | null {
    const value = isScalar(spot.node) ? spot.node.value : undefined;
    const word = words.find((known) => known === value);
    if (word !== undefined) return word;
    const meant = typeof value === 'string' ? nearest(value, words)[0] : undefined;
    return this.fault(spot, words.length === 1 ? (words[0] ?? '') : `one of ${words.join(', ')}`, undefined, meant);
  }

  wholeNumber(spot: Spot, { least, most }: Limits): number | null {
    const value = isScalar(spot.node) ? spot.node.value : undefined;
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    return fits ? value : this.fault(spot, `a whole number from ${least} to ${most}`);
  }

  /** Milliseconds, from text such as `1h30m`. Limits are milliseconds too. */
  duration(spot: Spot, limits: Limits & { words: string }): number | null {
    const value = isScalar(spot.node) ? spot.node.value : undefined;
    const wanted = `a duration ${limits.words}, such as 500ms, 10s or 1h30m`;
    const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined;
    const found = typeof value === 'number' ? `${value} without a unit` : undefined;
    if (milliseconds === undefined) return this.fault(spot, wanted, found);
    const fits = milliseconds >= limits.least && milliseconds <= limits.most;
    return fits ? milliseconds : this.fault(spot, wanted);
  }

  #unknownKey(spot: Spot, name: string, keys: readonly string[]): void {
    const wanted = `only ${keys.join(', ')} here`;
    const offset = spot.keyOffset ?? spot.offset;
    this.fault({ ...spot, offset }, wanted, `the unknown key ${describeScalar(name)}`, nearest(name, keys)[0]);
  }

  #resolve(value: unknown): Node | null {
    if (this.#values >= MOST_VALUES) return null;
    if (isAlias(value)) return value.resolve(this.#document.yaml) ?? null;
    return isNode(value) ? value : null;
  }
}

function below(parent: Spot, key: string): string {
  return parent.path === '' ? key : `${parent.path}.${key}`;
}
