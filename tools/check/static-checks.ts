/** What can be said of the sources without running them. The slowest stand first, so that two at a time end soonest. */
export interface StaticCheck {
  readonly title: string;
  /** An executable of the project's own npm packages, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** What to type to see it alone, or to repair what it found. */
  readonly hint: string;
}

/**
 * Where a check keeps what it found out about a file, for when that is the same the next time. Not for the linter: what it
 * says of a file depends on the types of others.
 */
const cached = (name: string): string => `node_modules/.cache/check/${name}`;

export const staticChecks: readonly StaticCheck[] = [
  {
    title: 'types and lint',
    // A tenth less work for the garbage collector's sake; and types of all files at once come near Node's own limit.
    command: ['node', '--max-semi-space-size=64', '--max-old-space-size=6144', 'tools/check/sources.ts'],
    hint: 'npm run typecheck, and npm run lint',
  },
  {
    title: 'formatting',
    command: [
      'prettier',
      '--check',
      '--cache',
      '--cache-strategy',
      'content',
      '--cache-location',
      cached('prettier'),
      '.',
    ],
    hint: 'npm run format',
  },
  {
    title: 'arrows between modules',
    command: ['depcruise', '--config', '.dependency-cruiser.mjs', 'src', 'blueprints', 'bench', 'demo', 'test'],
    hint: 'npm run lint:arrows',
  },
  { title: 'the API contract', command: ['node', 'tools/check/proto.ts'], hint: 'npm run proto:check' },
  {
    title: 'reference pages',
    command: ['node', 'tools/docs/reference-pages.ts', '--check'],
    hint: 'npm run docs:reference',
  },
  { title: 'unused code', command: ['knip', '--no-progress'], hint: 'npm run lint:unused' },
];
