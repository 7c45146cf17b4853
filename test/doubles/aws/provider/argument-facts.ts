import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What `@pulumi/aws` says of a resource's arguments, and so of what its plugin takes. */
export interface ArgumentFacts {
  known: ReadonlySet<string>;
  required: readonly string[];
}

const PACKAGE = join(createRequire(import.meta.url).resolve('@pulumi/aws/package.json'), '..');
const read = new Map<string, ArgumentFacts>();

/**
 * Reads the arguments of a type out of the package's declarations, so that nobody keeps a second list of them.
 * @param type `aws:lb/targetGroup:TargetGroup`
 */
export function readArgumentFacts(type: string): ArgumentFacts {
  const kept = read.get(type);
  if (kept) return kept;
  const [, file = '', name = ''] = type.split(':');
  const path = join(PACKAGE, `${file === 'index/provider' ? 'provider' : file}.d.ts`);
  const facts = parseArguments(readFileSync(path, 'utf8'), name);
  read.set(type, facts);
  return facts;
}

function parseArguments(declarations: string, name: string): ArgumentFacts {
  const head = `export interface ${name}Args {`;
  const start = declarations.indexOf(head);
  if (start < 0) throw new Error(`the declarations say nothing of ${name}Args`);
  const body = declarations.slice(start + head.length, declarations.indexOf('\n}', start));
  const found = [...body.matchAll(/^ {4}(\w+)(\??):/gm)].map(([, property = '', optional]) => ({ property, optional }));
  return {
    known: new Set(found.map(({ property }) => property)),
    required: found.filter(({ optional }) => optional === '').map(({ property }) => property),
  };
}
