import type { JsonSchema } from '../../src/config/json-schema.ts';

/** What is shown of a schema: rows `key`, `meaning`, `type`, `default`. */
export interface TableOptions {
  /** Below these keys nothing is shown: they have a table of their own. */
  closed?: readonly string[];
}

interface Row {
  key: string;
  schema: JsonSchema;
  isRequired: boolean;
}

/** A Markdown table of all keys of a mapping, those of the mappings in it too. */
export function renderKeyTable(schema: JsonSchema, { closed = [] }: TableOptions = {}): string {
  const rows = rowsOf(schema, '', closed).map(({ key, schema: of, isRequired }) =>
    [`\`${key}\``, of.description ?? '', typeOf(of), isRequired ? 'required' : defaultOf(of)]
      .map(escapeCell)
      .join(' | '),
  );
  return ['key | meaning | type | default', '--- | --- | --- | ---', ...rows].map((row) => `| ${row} |`).join('\n');
}

function rowsOf(schema: JsonSchema, parent: string, closed: readonly string[]): Row[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, below]) => {
    const of = below as JsonSchema;
    const key = parent === '' ? name : `${parent}.${name}`;
    const inner = closed.includes(key) ? undefined : mappingIn(of);
    const rows = inner ? rowsOf(inner.schema, `${key}${inner.mark}`, closed) : [];
    const isRequired = required.has(name);
    // A mapping that may be left out, and says no more than its keys do, needs no row.
    return isBareMapping(of) && !isRequired ? rows : [{ key, schema: of, isRequired }, ...rows];
  });
}

/** The mapping that a value is, or may be, or that each entry of it is. */
function mappingIn(schema: JsonSchema): { schema: JsonSchema; mark: string } | undefined {
  if (schema.properties) return { schema, mark: '' };
  const entries =
    schema.items ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
  const inner = entries === undefined ? undefined : mappingIn(entries as JsonSchema);
  if (inner) return { schema: inner.schema, mark: schema.items ? '[]' : '.NAME' };
  return schema.anyOf?.map((form) => mappingIn(form)).find((form) => form !== undefined);
}

function isBareMapping({ type, properties }: JsonSchema): boolean {
  return type === 'object' && properties !== undefined;
}

/** In words: what a value has to be. */
function typeOf(schema: JsonSchema): string {
  const { $comment, type, anyOf, minimum, maximum } = schema;
  if ($comment !== undefined) return $comment;
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return choice(schema.enum.map(code));
  if (anyOf) return choice([...new Set(anyOf.map((form) => typeOf(form)))]);
  if (type === 'integer') return `${minimum} to ${maximum}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'string') return 'text';
  if (type === 'array') return `list of ${manyOf(schema.items as JsonSchema | undefined)}${atMost(schema)}`;
  return type === 'object' ? 'mapping' : 'anything';
}

function manyOf(item: JsonSchema | undefined): string {
  return item === undefined ? 'anything' : typeOf(item).replace(/^mapping$/, 'mappings');
}

function atMost({ maxItems }: JsonSchema): string {
  return maxItems === undefined ? '' : `, at most ${maxItems}`;
}

function choice(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}

function defaultOf({ default: value }: JsonSchema): string {
  if (value === undefined) return 'none';
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return isEmpty ? 'none' : code(value);
}

/** As YAML has it in one line. */
function code(value: unknown): string {
  if (Array.isArray(value)) return value.map(code).join(', ');
  return `\`${typeof value === 'string' ? value : flow(value)}\``;
}

function flow(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${flow(inner)}`);
  return `{${entries.join(', ')}}`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
