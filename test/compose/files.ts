import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(import.meta.dirname, '../..');

export interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: unknown;
  readonly secrets?: readonly string[];
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

export const compose = parse(read('docker-compose.yml')) as Compose;

/** The compose specification's own schema, which the linter dclint ships; its draft is the one ajv takes by default. */
export function composeSchema(): object {
  const { $schema: _draft, ...schema } = JSON.parse(read('node_modules/dclint/schemas/compose.schema.json')) as {
    $schema: string;
  };
  return schema;
}

export interface Instruction {
  readonly keyword: string;
  readonly rest: string;
}

/** A Dockerfile's instructions, each with its continuation lines joined and its comments left out. */
export const dockerfile: readonly Instruction[] = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => ({ keyword: line.split(' ')[0]!, rest: line.slice(line.indexOf(' ') + 1) }));

export function instructions(keyword: string): string[] {
  return dockerfile.filter((instruction) => instruction.keyword === keyword).map(({ rest }) => rest);
}
