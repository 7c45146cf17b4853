import fc from 'fast-check';
import type { CheckSpec, CheckTiming } from '../../src/domain/checks.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { CONCURRENCY_POLICIES, NAME, type ServiceSpec } from '../../src/domain/service.ts';

const name = fc.stringMatching(NAME);
const line = fc
  .string({ minLength: 1, maxLength: 40 })
  .filter((text) => /^\S/.test(text) && !/[\u0000-\u001f\u007f]/.test(text)); // eslint-disable-line no-control-regex
const timing: fc.Arbitrary<CheckTiming> = fc.record({
  successes: fc.integer({ min: 1, max: 100 }),
  intervalMs: fc.integer({ min: 10, max: 10_000 }),
  timeoutMs: fc.integer({ min: 10, max: 60_000 }),
  deadlineMs: fc.integer({ min: 1_000_001, max: 86_400_000 }),
});
const http = fc.record(
  {
    kind: fc.constant('http' as const),
    path: fc.webPath().map((path) => (path.startsWith('/') ? path : `/${path}`)),
    status: fc
      .uniqueArray(fc.integer({ min: 100, max: 599 }), { minLength: 1 })
      .map((codes) => codes.toSorted((one, other) => one - other)),
    headers: fc.dictionary(fc.stringMatching(/^[a-z][a-z-]{0,10}$/), line),
    bodyContains: line,
    maxLatencyMs: fc.integer({ min: 1, max: 10 }),
  },
  { requiredKeys: ['kind', 'path', 'status', 'headers'] },
);
const command = fc.record({
  kind: fc.constant('command' as const),
  command: fc.array(line, { minLength: 1, maxLength: 4 }),
});
export const someCheck = fc
  .tuple(name, timing, fc.oneof(http, command))
  .map(([of, when, what]): CheckSpec => ({ name: of, ...when, ...what }));
/** Whatever a manifest can say, complete with defaults. */
export const someSpec: fc.Arbitrary<ServiceSpec> = fc.record(
  {
    service: fc.record({ name, environment: name }),
    artifact: line,
    blueprint: fc.record({
      name,
      config: fc
        .dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
        .map((config) => JSON.parse(JSON.stringify(config)) as JsonObject),
    }),
    router: fc.record(
      { kind: fc.constant('embedded' as const), port: fc.integer({ min: 1, max: 65_535 }) },
      { requiredKeys: ['kind'] },
    ),
    strategy: fc.record({
      kind: fc.constant('blue-green' as const),
      bakeMs: fc.integer({ min: 0, max: 1_209_600_000 }),
    }),
    checks: fc.uniqueArray(someCheck, { minLength: 1, maxLength: 4, selector: (one) => one.name }),
    retention: fc.record({
      warm: fc.integer({ min: 0, max: 10 }),
      warmForMs: fc.integer({ min: 0, max: 31_536_000_000 }),
    }),
    concurrency: fc.constantFrom(...CONCURRENCY_POLICIES),
  },
  { requiredKeys: ['service', 'artifact', 'blueprint', 'router', 'strategy', 'checks', 'retention'] },
);
