import fc from 'fast-check';
import type { Endpoint, RevisionRef } from '../../src/domain/service/revision.ts';
import type { RetentionSpec, ServiceKey } from '../../src/domain/service/service.ts';
import type { RevisionSet, ActiveRevision } from '../../src/domain/service/revision-set.ts';

/** Objects as JSON and literals make them, which deepEqual tells from those without a prototype. */
const ORDINARY = { noNullPrototype: true } as const;

/** A point in time of this century. */
export const someDate: fc.Arbitrary<Date> = fc.date({
  min: new Date('2000-01-01T00:00:00Z'),
  max: new Date('2099-12-31T00:00:00Z'),
  noInvalidDate: true,
});

export const someName: fc.Arbitrary<string> = fc
  .oneof(
    fc.constantFrom('web', 'web-a', 'a', 'web-production', 'web-r1', 'production', 'a-production', 'production-r1'),
    fc.stringMatching(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/),
  )
  // Two hyphens in a row are for the stacks of experiments.
  .filter((name) => !name.includes('--'));

export const someService: fc.Arbitrary<ServiceKey> = fc.record({ name: someName, environment: someName }, ORDINARY);

export const someEndpoint: fc.Arbitrary<Endpoint> = fc.record(
  { host: fc.constant('127.0.0.1'), port: fc.integer({ min: 1, max: 65_535 }) },
  ORDINARY,
);

const someEndpoints = fc.array(someEndpoint, { minLength: 1, maxLength: 3 });

/** Within what a manifest may say. */
export const someRetention: fc.Arbitrary<RetentionSpec> = fc.record({
  warm: fc.integer({ min: 0, max: 10 }),
  warmForMs: fc.integer({ min: 0, max: 365 * 24 * 3_600_000 }),
});

export function revision(number: number): RevisionRef {
  return { number, release: `release-${number}`, label: `npm:http-server@14.1.${number}` };
}

const someStanding = (number: number): fc.Arbitrary<ActiveRevision> =>
  fc.record(
    {
      revision: fc.constant(revision(number)),
      endpoints: someEndpoints,
      since: someDate.map((date) => date.toISOString()),
      warmUntil: someDate.map((date) => date.toISOString()),
    },
    { requiredKeys: ['revision', 'endpoints', 'since'], ...ORDINARY },
  );

/** A revision set of different revisions, of which one may be live. */
export const someRevisionSet: fc.Arbitrary<RevisionSet> = fc
  .record({
    numbers: fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 8 }),
    alive: fc.boolean(),
  })
  .chain(({ numbers, alive }) => fc.tuple(fc.constant(alive), ...numbers.map(someStanding)))
  .map(([alive, first, ...rest]) => {
    if (!first) return { warm: [] };
    return alive ? { live: first, warm: rest } : { warm: [first, ...rest] };
  });
