import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { Fault } from '../fault.ts';
import type { YamlDocument } from './document.ts';

/** Values in one file, those behind aliases counted at each use: plenty for people, too few for a bomb. */
const MOST_VALUES = 10_000;
/** Levels of lists and mappings, in case a value contains itself. More than any schema lets pass. */
const DEEPEST = 64;

/** The document as plain values, or why it has none. */
export function readValue(document: YamlDocument): { value: unknown } | { faults: Fault[] } {
  const reader = new ValueReader(document);
  const value = reader.read(document.yaml.contents, 0, 0);
  return reader.faults.length > 0 ? { faults: reader.faults } : { value };
}

class ValueReader {
  readonly faults: Fault[] = [];
  readonly #document: YamlDocument;
  readonly #anchors = new Map<string, Node>();
  /** Aliases around what is being read. */
  #aliased = 0;
  #values = 0;

  constructor(document: YamlDocument) {
    this.#document = document;
  }

  read(node: unknown, offset: number, depth: number): unknown {
    if (this.faults.length > 0) return undefined;
    const at = offsetOf(node) ?? offset;
    this.#values += 1;
    if (this.#values > MOST_VALUES) return this.#fault(at, `at most ${MOST_VALUES} values in a file`, 'more');
    if (depth > DEEPEST) return this.#fault(at, `at most ${DEEPEST} levels of lists and mappings`, 'more');
    if (isAlias(node)) return this.#readAlias(node.source, at, depth);
    if (this.#aliased === 0 && (isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) {
      this.#anchors.set(node.anchor, node);
    }
    if (isSeq(node)) return node.items.map((item) => this.read(item, at, depth + 1));
    if (isMap(node)) return this.#readMap(node.items, at, depth);
    const value = isScalar(node) ? node.value : null;
    if (typeof value !== 'object' || value === null) return value;
    return this.#fault(at, 'text, a number, true, false, a list or a mapping', 'binary data or a date');
  }

  #readMap(items: Pair[], offset: number, depth: number): unknown {
    const entries = items.flatMap(({ key, value }) => {
      const at = offsetOf(key) ?? offset;
      if (isScalar(key)) return [[String(key.value), this.read(value, at, depth + 1)] as const];
      this.#fault(at, 'a plain word as key', 'another kind of key');
      return [];
    });
    // fromEntries makes own properties, of `__proto__` too.
    return Object.fromEntries(entries);
  }

  #readAlias(name: string, offset: number, depth: number): unknown {
    const node = this.#anchors.get(name);
    if (!node) return this.#fault(offset, `an anchor &${name} before its alias`, `the alias *${name}`);
    this.#aliased += 1;
    const value = this.read(node, offset, depth + 1);
    this.#aliased -= 1;
    return value;
  }

  /** Gives nothing, which stands for the value. */
  #fault(offset: number, wanted: string, found: string): null {
    this.faults.push({ path: '', ...this.#document.place(offset), found, wanted });
    return null;
  }
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}
