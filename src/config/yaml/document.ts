import { isScalar, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import type { Document } from 'yaml';
import { type Fault, MOST_FAULTS } from '../fault.ts';

/** Characters. A manifest has a few hundred; the bound keeps a hostile one from costing more than milliseconds. */
export const LONGEST_FILE = 64 * 1024;

export interface Place {
  /** Both count from 1. */
  line: number;
  column: number;
}

/** A YAML file, and the place of each of its offsets. */
export interface YamlDocument {
  yaml: Document.Parsed;
  place(offset: number): Place;
}

/** The text as YAML, or what is wrong with its syntax. Never throws. */
export function readDocument(text: string): { document: YamlDocument } | { faults: Fault[] } {
  if (text.length > LONGEST_FILE) {
    return { faults: [atStart(`${text.length} characters`, `a file of at most ${LONGEST_FILE} characters`)] };
  }
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    // Its own search for repeated keys compares each with all before it: seconds for a mapping of this length.
    const options = { prettyErrors: false, logLevel: 'error', stringKeys: true, uniqueKeys: false } as const;
    const yaml = parseDocument(text, { ...options, lineCounter: lines });
    if (yaml.errors.length > 0) {
      return { faults: yaml.errors.slice(0, MOST_FAULTS).map((error) => syntaxFault(error, place)) };
    }
    const faults = repeatedKeys(yaml).map((offset) => ({ path: '', ...place(offset), ...REPEATED }));
    return faults.length > 0 ? { faults } : { document: { yaml, place } };
  } catch (error) {
    // The parser recurses into nested collections.
    if (error instanceof RangeError)
      return { faults: [atStart('lists or mappings nested very deeply', 'a plain file')] };
    throw error;
  }
}

export function atStart(found: string, wanted: string): Fault {
  return { path: '', line: 1, column: 1, found, wanted };
}

const REPEATED = { found: 'a key for the second time', wanted: 'each key once' };

/** Where keys stand that their mapping has already. */
function repeatedKeys(yaml: Document.Parsed): number[] {
  const offsets: number[] = [];
  visit(yaml, {
    Map(_key, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value) && offsets.length < MOST_FAULTS) offsets.push(key.range?.[0] ?? 0);
        seen.add(key.value);
      }
    },
  });
  return offsets.toSorted((one, other) => one - other);
}

function syntaxFault(error: YAMLError, place: YamlDocument['place']): Fault {
  const at = { path: '', ...place(error.pos[0]) };
  switch (error.code) {
    case 'MULTIPLE_DOCS':
      return { ...at, found: 'a second document', wanted: 'one service in one file' };
    default:
      return { ...at, found: `what YAML cannot read: ${error.message.split('\n')[0] ?? ''}`, wanted: 'valid YAML' };
  }
}
