import { isAlias, isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import { type Fault, formatPath, MOST_FAULTS, type Problem } from '../fault.ts';
import type { YamlDocument } from './document.ts';

/** The problems of a document's value with their places, in the order of the file. */
export function placeProblems(document: YamlDocument, problems: readonly Problem[]): Fault[] {
  return problems
    .map(({ path, atKey, ...words }) => {
      const place = document.place(offsetOf(document, path, atKey === true));
      return { path: formatPath(path), ...place, ...words };
    })
    .toSorted((one, other) => one.line - other.line || one.column - other.column)
    .slice(0, MOST_FAULTS);
}

/** Where a value stands, or its key; where there is none, what should hold it. */
function offsetOf({ yaml }: YamlDocument, path: Problem['path'], atKey: boolean): number {
  let node: Node | null = yaml.contents;
  let offset = node?.range?.[0] ?? 0;
  let keyOffset = offset;
  for (const part of path) {
    const found: Child | undefined = childOf(node, part);
    if (!found) return offset;
    keyOffset = found.keyOffset ?? keyOffset;
    // An aliased value is at fault where it is used.
    offset = isNode(found.value) ? (found.value.range?.[0] ?? keyOffset) : keyOffset;
    node = isAlias(found.value) ? (found.value.resolve(yaml) ?? null) : isNode(found.value) ? found.value : null;
  }
  return atKey ? keyOffset : offset;
}

interface Child {
  value: unknown;
  keyOffset?: number;
}

function childOf(node: Node | null, part: string | number): Child | undefined {
  if (isSeq(node)) {
    const value = typeof part === 'number' ? node.items[part] : undefined;
    return value === undefined ? undefined : { value };
  }
  const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === part) : undefined;
  if (!pair) return undefined;
  const keyOffset = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
  return { value: pair.value, ...(keyOffset === undefined ? {} : { keyOffset }) };
}
