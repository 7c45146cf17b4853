/** What can be said of the sources without running them. The slowest stand first, so that two at a time end soonest. */
export interface StaticCheck {
  readonly title: string;
  /** An executable of the project's own npm packages, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** What to type to see it alone, or to repair what it found. */
  readonly hint: string;
}

export const staticChecks: readonly StaticCheck[] = [
  { title: 'lint', command: ['eslint', '.'], hint: 'npm run lint' },
  { title: 'types', command: ['tsc', '-p', 'tsconfig.json'], hint: 'npm run typecheck' },
  { title: 'formatting', command: ['prettier', '--check', '.'], hint: 'npm run format' },
  {
    title: 'arrows between modules',
    command: ['depcruise', '--config', '.dependency-cruiser.mjs', 'src', 'blueprints', 'bench', 'test'],
    hint: 'npm run lint:arrows',
  },
  { title: 'the API contract', command: ['node', 'tools/check/proto.ts'], hint: 'npm run proto:check' },
  { title: 'unused code', command: ['knip', '--no-progress'], hint: 'npm run lint:unused' },
];
