import fc from 'fast-check';
import { locateVariant } from '../../../src/domain/experiment/experiment.ts';
import {
  DEFAULT_POLICY,
  type FoundFact,
  type LeaseFact,
  type NoteFact,
  type ReaperPolicy,
  type RevisionFact,
  type StackName,
  type World,
  formatStackId,
} from '../../../src/domain/reaper/facts.ts';
import { REVISION_STATES, formatStackName } from '../../../src/domain/service/revision.ts';

export const NOW = new Date('2026-11-29T12:00:00.000Z');

/** So many seconds from {@link NOW}. */
export const at = (second: number): string => new Date(NOW.getTime() + second * 1_000).toISOString();

const SERVICES = ['web', 'api'].flatMap((name) => ['production', 'test'].map((environment) => ({ name, environment })));
const RUNS = [1, 2].map((run) => ({ experiment: { name: 'nightly', environment: 'production' }, run }));

const workflow = fc.constantFrom('running', 'gone', 'unanswered' as const);
const reach = fc.constantFrom('machine', 'shared' as const);
/** Around everything that a policy waits for. */
const time = fc.oneof(fc.integer({ min: -1_200, max: 1_200 }), fc.integer({ min: -40, max: 40 })).map(at);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

const revision: fc.Arbitrary<RevisionFact> = fc
  .record({
    service: fc.constantFrom(...SERVICES),
    revision: fc.integer({ min: 1, max: 3 }),
    state: fc.constantFrom(...REVISION_STATES),
    openRollout: maybe(fc.integer({ min: 1, max: 9 })),
    teardown: workflow,
    isQuarantined: fc.boolean(),
  })
  .map(({ openRollout, ...fact }) => ({
    ...fact,
    project: fact.service.environment,
    stack: formatStackName(fact.service, fact.revision),
    ...(openRollout === undefined ? {} : { openRollout }),
  }));

const lease: fc.Arbitrary<LeaseFact> = fc
  .record({
    run: fc.constantFrom(...RUNS),
    variant: fc.constantFrom('a', 'b'),
    deadlineAt: time,
    owner: workflow,
  })
  .map((fact) => {
    const { service, revision: number } = locateVariant(fact.run.experiment, fact.run.run, fact.variant);
    return { ...fact, project: service.environment, stack: formatStackName(service, number) };
  });

/** Names of whatever may be there: some have an owner in the world, some have none, some say nothing. */
const name: fc.Arbitrary<StackName> = fc.oneof(
  revision.map(({ project, stack }) => ({ project, stack })),
  lease.map(({ project, stack }) => ({ project, stack })),
  fc.constantFrom(
    { project: 'production', stack: 'environment-production-r0' },
    { project: 'production', stack: 'handmade' },
    { project: 'production', stack: 'web-test-r1' },
    { project: 'test', stack: 'nightly--a-production-r1' },
  ),
);

const found: fc.Arbitrary<FoundFact> = fc
  .record({ name, reach, isOurs: fc.boolean(), traffic: maybe(fc.constantFrom('some', 'unanswered' as const)) })
  .map(({ name: id, reach: where, isOurs, traffic }) => ({
    ...id,
    reach: where,
    isOurs: isOurs || where === 'machine',
    ...(traffic === undefined ? {} : { traffic }),
  }));

const note: fc.Arbitrary<NoteFact> = fc
  .record({
    name,
    reason: fc.constantFrom('teardown', 'lease-owner', 'lease-over', 'unknown' as const),
    reach,
    foundAt: time,
    attempts: fc.integer({ min: 0, max: 10 }),
    triedAt: maybe(time),
    dueAt: maybe(time),
    lastError: maybe(fc.constant('it is in use')),
    givenUpAt: maybe(time),
    reaping: workflow,
  })
  .map(({ name: id, triedAt, dueAt, lastError, givenUpAt, ...fact }) => ({
    ...id,
    ...fact,
    ...(triedAt === undefined ? {} : { triedAt }),
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(lastError === undefined ? {} : { lastError }),
    ...(givenUpAt === undefined ? {} : { givenUpAt }),
  }));

const once = <T extends StackName>(fact: fc.Arbitrary<T>, most: number): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fact, { maxLength: most, selector: formatStackId });

const missing = fc
  .record({ record: fc.integer({ max: 9, min: 0 }), machine: fc.integer({ max: 4, min: 0 }), shared: fc.boolean() })
  .map((dice): World['missing'] => ({
    ...(dice.record === 0 ? { record: 'the store is locked' } : {}),
    ...(dice.machine === 0 ? { machine: 'the state cannot be read' } : {}),
    ...(dice.shared ? { shared: 'not looked at this time' } : {}),
  }));

export const worlds: fc.Arbitrary<World> = fc.record({
  found: once(found, 8),
  revisions: once(revision, 6),
  leases: once(lease, 4),
  notes: once(note, 6),
  missing,
});

export const policies: fc.Arbitrary<ReaperPolicy> = fc
  .record({ atOnce: fc.integer({ min: 1, max: 4 }), skipGrace: fc.boolean() })
  .map((some) => ({ ...DEFAULT_POLICY, ...some }));

/** A world of which only some is told. */
export function world(some: Partial<World> = {}): World {
  return { found: [], revisions: [], leases: [], notes: [], missing: {}, ...some };
}
