/** The arrows of ARCHITECTURE.md, enforced. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: [from, ...allowed] },
});

const RECORD_PORTS =
  'store/(audit/store|catalogue/(catalogue|request-log|command-log|teardown-log)|experiments/stores|reaper/log|drift/log|hosts/(registry|bindings)|change-stops/log|at-once)';

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('domain-is-pure', '^src/domain/', ['canonicalize']),
    {
      name: 'the-contract-sees-the-domain-and-the-ports-of-the-record',
      severity: 'error',
      from: { path: '^src/contract/' },
      to: { path: '^src/', pathNot: ['^src/(contract|domain|config)/', `^src/${RECORD_PORTS}\\.ts$`] },
    },
    only('workflows-see-domain-and-temporal', '^src/workflows/', [
      '^src/domain/',
      '^src/activities/.*',
      '@temporalio/(workflow|common)',
    ]),
    {
      name: 'config-sees-the-domain',
      severity: 'error',
      from: { path: '^src/config/' },
      to: {
        path: '^(src|blueprints)/',
        pathNot: ['^src/(config|domain)/', '^src/evidence/checks/(json-path|pattern)\\.ts$'],
      },
    },
    {
      name: 'workflows-take-activity-types-only',
      severity: 'error',
      from: { path: '^src/workflows/' },
      to: { path: '^src/activities/', dependencyTypesNot: ['type-only'] },
    },
    only('the-calendar-sees-the-domain', '^src/calendar/', ['^src/domain/', 'rrule-temporal']),
    only('results-see-the-domain', '^src/results/', ['^src/domain/']),
    {
      name: 'only-commands-import-results',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|results)/' },
      to: { path: '^src/results/' },
    },
    {
      name: 'ports-do-not-know-adapters',
      severity: 'error',
      from: { path: `^src/(stacks/driver|routing/router|hooks/caller|${RECORD_PORTS})\\.ts$` },
      to: {
        pathNot: [
          '^src/domain/',
          '^src/store/catalogue/((request|command|teardown)-log|catalogue)\\.ts$',
          '^src/store/audit/store\\.ts$',
        ],
      },
    },
    {
      name: 'activities-take-ports',
      severity: 'error',
      from: { path: '^src/activities/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/(domain|activities|evidence|secrets|calendar)/',
          `^src/(stacks/driver|routing/router|hooks/caller|${RECORD_PORTS})\\.ts$`,
        ],
      },
    },
    {
      name: 'hooks-see-the-domain-and-secrets',
      severity: 'error',
      from: { path: '^src/hooks/' },
      to: { path: '^src/', pathNot: '^src/(hooks|domain|secrets)/' },
    },
    {
      name: 'adapters-stay-apart',
      severity: 'error',
      from: { path: '^src/(stacks|routing|store|evidence)/' },
      to: {
        path: '^src/(stacks|routing|store|evidence|workflows|activities|gateway|client|cli|dev|temporal)/',
        // What the driver asks of the store, and the store answers: types alone.
        pathNot: ['^src/$1/', '^src/stacks/pulumi/lock/ledger\\.ts$'],
      },
    },
    {
      name: 'the-gateway-decides-nothing',
      severity: 'error',
      from: { path: '^src/gateway/', pathNot: '^src/gateway/backend/' },
      to: {
        path: '^src/',
        pathNot: ['^src/(gateway|contract|domain|config|host)/', `^src/${RECORD_PORTS}\\.ts$`],
      },
    },
    {
      name: 'handlers-know-the-backend-as-a-port',
      severity: 'error',
      from: { path: '^src/gateway/', pathNot: '^src/gateway/backend/' },
      to: { path: '^src/gateway/backend/' },
    },
    {
      name: 'only-what-serves-imports-the-gateway',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(gateway|cli|dev)/|^src/gateway\\.ts$' },
      to: { path: '^src/gateway/' },
    },
    {
      name: 'clients-see-the-contract',
      severity: 'error',
      from: { path: '^src/client/' },
      to: {
        path: '^src/',
        pathNot: ['^src/(client|contract|domain|config|host)/', '^src/(data-folder|store/audit/store)\\.ts$'],
      },
    },
    {
      name: 'nothing-imports-the-commands',
      severity: 'error',
      from: { pathNot: '^(src/cli|demo|bench|test|tools/docs)/' },
      to: { path: '^(src/cli|demo)/' },
    },
    {
      name: 'only-commands-import-dev',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(dev|cli)/' },
      to: { path: '^src/dev/' },
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
