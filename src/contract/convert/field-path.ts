import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { isInline, readKey } from './spec-names.ts';

type Path = readonly (string | number)[];
interface Chosen {
  case?: string;
  value?: unknown;
}

/**
 * Where in a message stands what a manifest has at a path: `router.port` is at `router.embedded.port`. Of what could stand
 * in several of its choices, the one that `message` has counts.
 */
export function toFieldPath(desc: DescMessage, message: object | undefined, path: Path): Path {
  const [key, ...rest] = path;
  if (key === undefined) return [];
  // `kind` is which choice it is, and has no field of its own.
  const found = findField(desc, message, String(key));
  if (!found) return key === 'kind' ? [] : path;
  const { field, names, value } = found;
  if (field.fieldKind !== 'list' && field.fieldKind !== 'map') {
    return [...names, ...(field.message ? below(field.message, value, rest) : rest)];
  }
  const [entry, ...more] = rest;
  if (entry === undefined) return names;
  const item = (value as Record<string | number, unknown> | undefined)?.[entry];
  return [...names, entry, ...(field.message ? below(field.message, item, more) : more)];
}

/** What a `google.protobuf` message holds has names of its own. */
function below(desc: DescMessage, value: unknown, path: Path): Path {
  if (desc.typeName.startsWith('google.protobuf.')) return path;
  return toFieldPath(desc, value as object | undefined, path);
}

interface Found {
  field: DescField;
  names: string[];
  value: unknown;
}

function findField(desc: DescMessage, message: object | undefined, key: string): Found | undefined {
  const values = message as Record<string, unknown> | undefined;
  for (const member of desc.members) {
    if (member.kind === 'field') {
      if (readKey(member) === key) return { field: member, names: [member.name], value: values?.[member.localName] };
      continue;
    }
    const chosen = values?.[member.localName] as Chosen | undefined;
    const first = member.fields.filter(({ localName }) => localName === chosen?.case);
    for (const field of [...first, ...member.fields]) {
      const found = findInChoice(field, field === first[0] ? chosen?.value : undefined, key);
      if (found) return found;
    }
  }
  return undefined;
}

function findInChoice(field: DescField, value: unknown, key: string): Found | undefined {
  if (!isInline(field)) return readKey(field) === key ? { field, names: [field.name], value } : undefined;
  const inside = field.message && findField(field.message, value as object | undefined, key);
  return inside && { ...inside, names: [field.name, ...inside.names] };
}
