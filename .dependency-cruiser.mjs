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
      from: { path: '^src/(stacks/driver|traffic/router|audit/store|catalogue/(catalogue|request-log))\\.ts$' },
      to: { pathNot: ['^src/domain/', '^src/catalogue/request-log\\.ts$'] },
    },
    {
      name: 'activities-take-ports',
      severity: 'error',
      from: { path: '^src/activities/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/(domain|activities|checks)/',
          '^src/(stacks/driver|traffic/router|audit/store|catalogue/(catalogue|request-log))\\.ts$',
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
      name: 'api-sees-the-client-and-the-domain',
      severity: 'error',
      from: { path: '^src/api/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/(api|gen|domain|manifest)/',
          '^src/client/api\\.ts$',
          '^src/audit/(store|canonical)\\.ts$',
          '^src/catalogue/catalogue\\.ts$',
        ],
      },
    },
    {
      name: 'only-the-server-imports-the-api',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(api|cli|dev|demo)/|^src/(client/remote|gateway)' },
      to: { path: '^src/api/' },
    },
    {
      name: 'a-remote-client-shares-the-converters',
      severity: 'error',
      from: { path: '^src/client/remote' },
      to: { path: '^src/api/', pathNot: '^src/api/(convert/|names\\.ts$)' },
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
