/** The arrows of ARCHITECTURE.md, enforced. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: [from, ...allowed] },
});

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('domain-is-pure', '^src/domain/', []),
    only('workflows-see-domain-and-temporal', '^src/workflows/', [
      '^src/domain/',
      '^src/activities/.*',
      '@temporalio/(workflow|common)',
    ]),
    {
      name: 'workflows-take-activity-types-only',
      severity: 'error',
      from: { path: '^src/workflows/' },
      to: { path: '^src/activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'ports-do-not-know-adapters',
      severity: 'error',
      from: { path: '^src/(stacks/driver|traffic/router|audit/store|catalogue/catalogue)\\.ts$' },
      to: { pathNot: ['^src/domain/'] },
    },
    {
      name: 'activities-take-ports',
      severity: 'error',
      from: { path: '^src/activities/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/(domain|activities|checks)/',
          '^src/(stacks/driver|traffic/router|audit/store|catalogue/catalogue)\\.ts$',
        ],
      },
    },
    {
      name: 'adapters-stay-apart',
      severity: 'error',
      from: { path: '^src/(stacks|traffic|audit|catalogue)/' },
      to: {
        path: '^src/(stacks|traffic|audit|catalogue|workflows|activities|cli|dev|demo|temporal)/',
        pathNot: '^src/$1/',
      },
    },
    {
      name: 'nothing-imports-the-commands',
      severity: 'error',
      from: { pathNot: '^(src/(cli|demo)|bench|test)/' },
      to: { path: '^src/(cli|demo)/' },
    },
    {
      name: 'product-does-not-import-tests',
      severity: 'error',
      from: { path: '^(src|blueprints)/' },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js'] },
  },
};
