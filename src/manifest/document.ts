import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import type { Document, ParsedNode } from 'yaml';
import type { Fault } from './fault.ts';

/** Characters. A manifest has a few hundred; the bound keeps a hostile one from costing more than milliseconds. */
const LONGEST = 64 * 1024;
/** Faults shown of one file: beyond this, more lines help nobody. */
export const MOST_FAULTS = 50;

/** A YAML file and where its nodes stand. */
export interface ManifestDocument {
  yaml: Document.Parsed;
  root: Node | null;
  place(offset: number): { line: number; column: number };
}

/** The text as YAML, or what is wrong with its syntax. Never throws. */
export function readDocument(text: string): { document: ManifestDocument } | { faults: Fault[] } {
  if (text.length > LONGEST) {
    return { faults: [atStart(`${text.length} characters`, `a manifest of at most ${LONGEST} characters`)] };
  }
  const lines = new LineCounter();
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const yaml = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error', stringKeys: true });
    if (yaml.errors.length > 0) {
      return { faults: yaml.errors.slice(0, MOST_FAULTS).map((error) => syntaxFault(error, place)) };
    }
    return { document: { yaml, root: yaml.contents, place } };
  } catch (error) {
    // The parser recurses into nested collections.
    if (error instanceof RangeError) return { faults: [atStart('lists or mappings nested very deeply', 'a manifest')] };
    throw error;
  }
}

/** What a node is, for people: `99999`, `'blue'`, `a list`, `nothing`. */
export function describeNode(node: Node | ParsedNode | null | undefined): string {
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  if (isAlias(node)) return `the alias *${node.source}`;
  if (!isScalar(node) || node.value === null) return 'nothing';
  return describeScalar(node.value);
}

const LONGEST_SHOWN = 60;

export function describeScalar(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'binary data or a date';
  const text = typeof value === 'string' ? `'${value}'` : String(value);
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN - 3)}...` : line;
}

export function atStart(found: string, wanted: string): Fault {
  return { path: '', line: 1, column: 1, found, wanted };
}

function syntaxFault(error: YAMLError, place: ManifestDocument['place']): Fault {
  const at = { path: '', ...place(error.pos[0]) };
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return { ...at, found: 'a key for the second time', wanted: 'each key once' };
    case 'MULTIPLE_DOCS':
      return { ...at, found: 'a second document', wanted: 'one service in one file' };
    default:
      return { ...at, found: `what YAML cannot read: ${error.message.split('\n')[0] ?? ''}`, wanted: 'valid YAML' };
  }
}
