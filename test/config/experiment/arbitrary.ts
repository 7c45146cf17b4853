import fc from 'fast-check';
import { DRILL_STACKS, type DrillSpec } from '../../../src/domain/experiment/drill/drill.ts';
import {
  EXPERIMENT_NAME,
  type ExperimentSpec,
  OVERLAPS,
  STAYS,
  VARIANT_NAME,
  type VariantSource,
} from '../../../src/domain/experiment/experiment.ts';
import type { LoadProbe, ProbeSpec } from '../../../src/domain/experiment/probe.ts';
import type { ScheduleSpec } from '../../../src/domain/experiment/schedule.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { NAME } from '../../../src/domain/service/service.ts';
import { someCheck } from '../manifest/arbitrary.ts';

const name = fc.stringMatching(NAME);
/** By a pattern without a look ahead, which the generator does not know. */
const short = fc.stringMatching(/^[a-z](-?[a-z0-9]){0,7}$/).filter((text) => VARIANT_NAME.test(text));
const experimentName = short.filter((text) => EXPERIMENT_NAME.test(text));
const DAY = 86_400_000;

const someJson = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

const someSource: fc.Arbitrary<VariantSource> = fc.oneof(
  fc.record({
    kind: fc.constant('release' as const),
    artifact: fc.constantFrom('npm:http-server@14.1.1', 'dir:/srv/app', 'cmd:node server.mjs#dir:/srv'),
    blueprint: fc.record({ name, config: someJson }),
  }),
  fc.record(
    {
      kind: fc.constant('like' as const),
      service: fc.record({
        name: name.filter((text) => !text.includes('--')),
        environment: name,
      }),
      revision: fc.integer({ min: 1, max: 999_999_999 }),
      patch: fc.oneof(
        someJson.map((config) => ({ blueprint: { config } })),
        fc.constant({ artifact: 'npm:http-server@14.1.0' }),
      ),
    },
    { requiredKeys: ['kind', 'service'] },
  ),
);

const codes = fc
  .uniqueArray(fc.integer({ min: 100, max: 599 }), { minLength: 1 })
  .map((all) => all.toSorted((one, other) => one - other));

const someLoad: fc.Arbitrary<LoadProbe> = fc.record(
  {
    kind: fc.constant('load' as const),
    name,
    rate: fc.integer({ min: 1, max: 1_000_000 }).map((hundredths) => hundredths / 100),
    forMs: fc.integer({ min: 1_000, max: DAY }),
    warmUpMs: fc.integer({ min: 0, max: 3_600_000 }),
    method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
    path: fc.constantFrom('/', '/healthz', '/search?q=a%20b'),
    requestHeaders: fc.dictionary(fc.stringMatching(/^X-[a-z]{1,10}$/), fc.stringMatching(/^[!-~]{1,20}$/), {
      minKeys: 1,
    }),
    requestBody: fc.constantFrom('{"a": 1}', 'two\nlines'),
    status: codes,
    timeoutMs: fc.integer({ min: 10, max: 3_600_000 }),
  },
  { requiredKeys: ['kind', 'name', 'rate', 'forMs', 'warmUpMs', 'method', 'path', 'status', 'timeoutMs'] },
);

const someProbe: fc.Arbitrary<ProbeSpec> = fc.oneof(
  someLoad,
  someCheck.map((check) => ({ kind: 'check' as const, name: check.name, check })),
);

const numbers = (min: number, max: number) =>
  fc
    .uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 5 })
    .map((all) => all.toSorted((one, other) => one - other));
const moment = fc
  .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

const someSchedule: fc.Arbitrary<ScheduleSpec> = fc
  .record(
    {
      cron: fc.uniqueArray(fc.constantFrom('0 2 * * *', '*/15 8-18 * * mon-fri', '0 0 1 jan,jul *'), { minLength: 1 }),
      every: fc.record({
        everyMs: fc.integer({ min: 60, max: 86_400 }).map((seconds) => seconds * 1_000),
        offsetMs: fc.integer({ min: 0, max: 59 }).map((seconds) => seconds * 1_000),
      }),
      calendar: fc.array(
        fc.record(
          {
            hour: numbers(0, 23),
            minute: numbers(0, 59),
            dayOfMonth: numbers(1, 31),
            month: numbers(1, 12),
            dayOfWeek: numbers(0, 6),
          },
          { requiredKeys: [] },
        ),
        { minLength: 1, maxLength: 3 },
      ),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires'),
      jitterMs: fc.integer({ min: 0, max: DAY }),
      startAt: moment,
      endAt: moment,
    },
    { requiredKeys: [] },
  )
  .filter(({ cron, every, calendar }) => cron !== undefined || every !== undefined || calendar !== undefined);

/** An experiment whose parts need not go together. */
const someParts: fc.Arbitrary<ExperimentSpec> = fc.record(
  {
    experiment: fc.record({ name: experimentName, environment: name }),
    variants: fc.uniqueArray(
      fc.record(
        {
          name: short,
          source: someSource,
          checks: fc.uniqueArray(someCheck, { minLength: 1, maxLength: 2, selector: (one) => one.name }),
        },
        { requiredKeys: ['name', 'source'] },
      ),
      { minLength: 1, maxLength: 4, selector: (one) => one.name },
    ),
    probes: fc.uniqueArray(someProbe, { maxLength: 3, selector: (one) => one.name }),
    compare: fc.record(
      {
        baseline: short,
        probes: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
        confidence: fc.integer({ min: 500, max: 999 }).map((thousandths) => thousandths / 1_000),
        tolerance: fc.integer({ min: 0, max: 99 }).map((hundredths) => hundredths / 100),
      },
      { requiredKeys: ['baseline', 'confidence', 'tolerance'] },
    ),
    schedule: someSchedule,
    ttlMs: fc.integer({ min: 1_000, max: 7 * DAY }),
    stay: fc.constantFrom(...STAYS),
    overlap: fc.constantFrom(...OVERLAPS),
    budget: fc.record(
      {
        stacks: fc.integer({ min: 1, max: 1_000 }),
        stackHoursPerDay: fc.integer({ min: 1, max: 100_000 }).map((hundredths) => hundredths / 100),
      },
      { requiredKeys: [] },
    ),
    keepMs: fc.integer({ min: 1, max: 365 * DAY }),
    addresses: fc.dictionary(short, fc.integer({ min: 1, max: 65_535 }), { minKeys: 1, maxKeys: 3 }),
  },
  {
    requiredKeys: ['experiment', 'variants', 'probes', 'ttlMs', 'stay', 'overlap', 'budget', 'keepMs'],
  },
);

const someConfigPatch = someJson.map((config) => ({ blueprint: { config } }));

const someDrill: fc.Arbitrary<DrillSpec> = fc.record(
  {
    service: fc.record({ name: name.filter((text) => !text.includes('--')), environment: name }),
    release: fc.oneof(
      fc.record({ artifact: fc.constantFrom('npm:http-server@14.1.1', 'dir:/srv/app') }),
      fc.record({ patch: fc.oneof(someConfigPatch, fc.constant({ artifact: 'npm:http-server@14.1.0' })) }),
      fc.record({ artifact: fc.constant('npm:http-server@14.1.1'), patch: someConfigPatch }),
      fc.record({ checks: fc.uniqueArray(someCheck, { minLength: 1, maxLength: 2, selector: (one) => one.name }) }),
    ),
    patch: someConfigPatch,
    checks: fc.uniqueArray(someCheck, { minLength: 1, maxLength: 2, selector: (one) => one.name }),
  },
  { requiredKeys: ['service'] },
);

/** Whatever a manifest of an experiment can say, complete with defaults. */
export const someExperiment = fc.oneof(
  { weight: 3, arbitrary: someParts.map(fitTogether) },
  { weight: 1, arbitrary: fc.tuple(someParts, someDrill).map(([parts, drill]) => toDrill(fitTogether(parts), drill)) },
);

/** What a drill has none of is left out. */
function toDrill({ compare: _compare, addresses: _addresses, budget, ...parts }: ExperimentSpec, drill: DrillSpec) {
  const least = countTogether(parts) * DRILL_STACKS;
  const stacks = budget.stacks === undefined ? {} : { stacks: Math.max(budget.stacks, least) };
  const hours = Math.ceil((DRILL_STACKS * parts.ttlMs) / 36_000) / 100;
  const { stackHoursPerDay } = budget;
  const perDay = stackHoursPerDay === undefined ? {} : { stackHoursPerDay: Math.max(stackHoursPerDay, hours) };
  return { ...parts, variants: [], drill, stay: 'until-probed' as const, budget: { ...stacks, ...perDay } };
}

/** How many runs may stand at the same time. */
function countTogether({ overlap }: Pick<ExperimentSpec, 'overlap'>): number {
  return overlap === 'hand-over' ? 2 : 1;
}

function fitTogether({ addresses, budget, compare, schedule, ...spec }: ExperimentSpec): ExperimentSpec {
  const { probes, variants } = spec;
  const loads = probes.filter((probe) => probe.kind === 'load');
  const [baseline, ...others] = variants.map(({ name: each }) => each);
  const ttlMs = Math.max(spec.ttlMs, ...loads.map(({ forMs, warmUpMs }) => forMs + warmUpMs + 1));
  const hours = Math.ceil((variants.length * ttlMs) / 36_000) / 100;
  const { stackHoursPerDay, stacks } = budget;
  const ports = variants.map(({ name: each }, index): [string, number] => [each, 8_000 + index]);
  return {
    ...spec,
    ttlMs,
    budget: {
      ...(stacks === undefined ? {} : { stacks: Math.max(stacks, countTogether(spec) * variants.length) }),
      ...(stackHoursPerDay === undefined ? {} : { stackHoursPerDay: Math.max(stackHoursPerDay, hours) }),
    },
    ...(compare && baseline !== undefined && others.length > 0 && loads.length > 0
      ? { compare: { ...compare, baseline, ...(compare.probes ? { probes: loads.map((each) => each.name) } : {}) } }
      : {}),
    ...(schedule === undefined ? {} : { schedule: inOrder(schedule) }),
    ...(addresses === undefined ? {} : { addresses: Object.fromEntries(ports) }),
  };
}

function inOrder({ endAt, ...schedule }: ScheduleSpec): ScheduleSpec {
  const { startAt } = schedule;
  const isLater = endAt !== undefined && (startAt === undefined || Date.parse(startAt) < Date.parse(endAt));
  return { ...schedule, ...(isLater ? { endAt } : {}) };
}
