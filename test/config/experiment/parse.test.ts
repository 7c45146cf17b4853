import assert from 'node:assert/strict';
import { LOAD_STATUS } from '../../../src/domain/experiment/probe.ts';
import { parseDescription } from '../../../src/config/description.ts';
import { checkExperimentManifest, parseExperimentManifest } from '../../../src/config/experiment/parse.ts';
import { faultMessage, type Fault } from '../../../src/config/fault.ts';
import { DEFAULT_STATUS, DEFAULT_TIMING } from '../../../src/domain/evidence/default-checks.ts';
import { assertGolden } from '../../cli/golden.ts';

const HEAD = `apiVersion: supplant.dev/v1
kind: Experiment
name: nightly
environment: production
ttl: 1h
`;
const LEAST = `${HEAD}variants: [{name: blue, like: web/production}]\n`;

function write(faults: readonly Fault[]): string[] {
  return faults.map((fault) => `${fault.path} ${fault.line}:${fault.column} ${faultMessage(fault)}`);
}

function faultsOf(text: string): string[] {
  const parsed = parseExperimentManifest(text);
  return parsed.ok ? [] : write(parsed.faults);
}

function specOf(text: string, folder?: string) {
  const parsed = parseExperimentManifest(text, folder);
  assert.ok(parsed.ok, faultsOf(text).join('\n'));
  return parsed.spec;
}

const FAULTY = `apiVersion: supplant.dev/v2
kind: Experimnt
name: nightly--run
enviroment: production
variants:
  - name: blue
    like: web
  - name: Green
    artifact: npm:http-server@14.1.1
  - name: both
    like: web/production@r12
    artifact: npm:http-server@14.1.1
  - name: none
  - name: patched
    artifact: npm:http-server@14.1.1
    blueprint: local-process
    patch: {artifact: x}
probes:
  - name: front
    load: {rate: 0, for: 30, header: {}, requestBody: x}
  - name: answers
    http: {path: up}
    successes: 3
    deadline: 1s
  - name: mixed
    load: {rate: 5, for: 10s}
    timeout: 1s
    http: {}
  - name: empty
  - name: front
    http: {}
compare: {baseline: grean, confidence: 95, probe: [front]}
schedule:
  cron: ['0 2 * *', '0 25 * * *', '0 0 30 feb *', '@daily', '0 2 * * mon-fri']
  offset: 1m
  calendar: [{hour: 25, dayOfWeek: mon-fry}]
  timeZone: Europe/Berln
  start: 2026-02-30T00:00:00Z
  end: tomorrow
stay: until-prbed
overlap: queue
budget: {stacks: 0, stackHours: 4}
keep: 30d
addresses: {blue: 99999, red: 8090}
`;

describe('parseExperimentManifest', () => {
  it('completes the shortest manifest with the defaults', () => {
    assert.deepEqual(specOf(LEAST), {
      experiment: { name: 'nightly', environment: 'production' },
      variants: [{ name: 'blue', source: { kind: 'like', service: { name: 'web', environment: 'production' } } }],
      probes: [],
      ttlMs: 3_600_000,
      stay: 'until-ttl',
      overlap: 'skip',
      budget: {},
      keepMs: 720 * 3_600_000,
    });
  });

  it('reads every key', () => {
    const spec = specOf(`${HEAD}variants:
  - name: blue
    like: web/production@r12
    patch: {blueprint: {config: {env: {CACHE: null}}}}
    checks: [{name: up, http: {path: /healthz}}]
  - {name: green, artifact: 'npm:http-server@14.1.1', blueprint: local-process}
probes:
  - {name: front, load: {rate: 20, for: 30s}}
  - {name: answers, http: {path: /healthz, maxLatency: 300ms}, successes: 1}
compare: {baseline: blue, probes: [front]}
schedule: {cron: 0 2 * * *, every: 6h, offset: 10m, calendar: [{hour: 2-4, dayOfWeek: [sun, mon-tue]}],
           timeZone: Europe/Berlin, jitter: 5m, start: '2026-12-01T08:00+01:00', end: '2027-01-01T00:00:00Z'}
stay: until-ttl
overlap: buffer-one
budget: {stacks: 4, stackHoursPerDay: 2.5}
keep: 48h
addresses: {blue: 8090, green: 8091}
`);
    const [blue, green] = spec.variants;
    const patch = { blueprint: { config: { env: { CACHE: null } } } };
    const service = { name: 'web', environment: 'production' };
    assert.deepEqual(blue?.source, { kind: 'like', service, revision: 12, patch });
    assert.equal(blue.checks?.[0]?.name, 'up');
    const blueprint = { name: 'local-process', config: {} };
    assert.deepEqual(green?.source, { kind: 'release', artifact: 'npm:http-server@14.1.1', blueprint });
    assert.deepEqual(spec.probes, [
      {
        ...{ kind: 'load', name: 'front', rate: 20, forMs: 30_000, warmUpMs: 2_000, method: 'GET', path: '/' },
        ...{ status: LOAD_STATUS, timeoutMs: 5_000 },
      },
      {
        kind: 'check',
        name: 'answers',
        check: {
          ...{ kind: 'http', name: 'answers', path: '/healthz', status: DEFAULT_STATUS, responseHeaders: {} },
          ...{ ...DEFAULT_TIMING, successes: 1, maxLatencyMs: 300 },
        },
      },
    ]);
    assert.deepEqual(spec.compare, { baseline: 'blue', probes: ['front'], confidence: 0.95, tolerance: 0.05 });
    assert.deepEqual(spec.schedule, {
      cron: ['0 2 * * *'],
      every: { everyMs: 6 * 3_600_000, offsetMs: 600_000 },
      calendar: [{ hour: [2, 3, 4], dayOfWeek: [0, 1, 2] }],
      timeZone: 'Europe/Berlin',
      jitterMs: 300_000,
      startAt: '2026-12-01T07:00:00.000Z',
      endAt: '2027-01-01T00:00:00.000Z',
    });
    assert.deepEqual([spec.stay, spec.overlap, spec.keepMs], ['until-ttl', 'buffer-one', 48 * 3_600_000]);
    assert.deepEqual(spec.budget, { stacks: 4, stackHoursPerDay: 2.5 });
    assert.deepEqual(spec.addresses, { blue: 8090, green: 8091 });
  });

  it('lets its stacks go once they are probed, where they are', () => {
    assert.equal(specOf(`${LEAST}probes: [{name: up, http: {}}]\n`).stay, 'until-probed');
  });

  it('accepts by a load what succeeds or leads elsewhere', () => {
    assert.deepEqual([LOAD_STATUS.at(0), LOAD_STATUS.at(-1)], [200, 399]);
  });

  it('reports all faults at once, in the order of the file, each with its place', () =>
    assertGolden('experiment-faults', `${faultsOf(FAULTY).join('\n')}\n`));

  it('says what does not go together, with its place', () => {
    const text = `${LEAST}probes: [{name: front, load: {rate: 1, for: 2h}}]
compare: {baseline: green, probes: [back]}
schedule: {every: 1h, offset: 2h}
budget: {stacks: 1, stackHoursPerDay: 0.5}
addresses: {green: 8090}
`;
    assert.deepEqual(
      faultsOf(text).map((fault) => fault.split(' ').slice(0, 2).join(' ')),
      [
        'probes[0].load.for 7:45',
        'compare 8:10',
        'compare.baseline 8:21',
        'compare.probes[0] 8:37',
        'schedule.offset 9:31',
        'budget.stackHoursPerDay 10:39',
        'addresses.green 11:20',
      ],
    );
  });

  const cases: [string, string, RegExp][] = [
    ['an empty file', '', /^ 1:1 expected an experiment: .*, found an empty file$/],
    ['no TTL', LEAST.replace('ttl: 1h\n', ''), /^ttl 1:1 expected a duration from 1s .*, found nothing$/],
    ['no variant', `${HEAD}variants: []\n`, /^variants .* expected at least one variant, found an empty list$/],
    [
      'nine variants',
      `${HEAD}variants: [${'{name: a, like: web/production}, '.repeat(9)}]\n`,
      /expected at most 8 variants, found 9$/,
    ],
    ['a service with two hyphens', LEAST.replace('web/', 'we--b/'), /^variants\[0\]\.like /],
    ['r0', LEAST.replace('web/production', 'web/production@r0'), /^variants\[0\]\.like /],
    ['a schedule without a time', `${LEAST}schedule: {jitter: 1m}\n`, /^schedule .*one of cron, every and calendar/],
    ['an offset from UTC', `${LEAST}schedule: {every: 1h, timeZone: '+01:00'}\n`, /^schedule\.timeZone /],
    ['a zone in small letters', `${LEAST}schedule: {every: 1h, timeZone: europe/berlin}\n`, /'Europe\/Berlin'\?$/],
    ['a city', `${LEAST}schedule: {every: 1h, timeZone: Berlin}\n`, /did you mean 'Europe\/Berlin'\?$/],
    ['seconds in cron', `${LEAST}schedule: {cron: 0 0 2 * * *}\n`, /^schedule\.cron .* expected five fields/],
    ['a question mark', `${LEAST}schedule: {cron: 0 2 ? * 1}\n`, /expected the day of the month as \*/],
    ['a span backwards', `${LEAST}schedule: {cron: 30-10 2 * * *}\n`, /expected the minute .*found '30-10'$/],
    ['a step of none', `${LEAST}schedule: {cron: '*/0 2 * * *'}\n`, /expected the minute /],
  ];
  for (const [what, text, expected] of cases) {
    it(`refuses ${what}`, () => assert.match(faultsOf(text).join('\n'), expected));
  }

  for (const cron of ['0 2 * * *', '*/5 0-23/2 1,15 JAN-mar sun', '0 0 29 2 *', '5/10 0 * * 7', '  0   2  * * * ']) {
    it(`takes ${cron}`, () => assert.deepEqual(faultsOf(`${LEAST}schedule: {cron: '${cron}'}\n`), []));
  }
});

describe('paths of an experiment', () => {
  const text = `${HEAD}variants:
  - {name: blue, artifact: ./app, blueprint: local-process, checks: [{name: smoke, command: [sh, smoke.sh]}]}
  - {name: green, like: web/production, patch: {artifact: dir:./next}}
probes:
  - {name: deep, command: [node, probe.mjs], workingDirectory: probes}
`;

  it('count from its folder', () => {
    const { variants, probes } = specOf(text, '/srv/shop');
    assert.equal(variants[0]?.source.kind === 'release' && variants[0].source.artifact, 'dir:/srv/shop/app');
    const [check] = variants[0]?.checks ?? [];
    assert.equal(check?.kind === 'command' && check.workingDirectory, '/srv/shop');
    assert.deepEqual(variants[1]?.source.kind === 'like' && variants[1].source.patch, {
      artifact: 'dir:/srv/shop/next',
    });
    const [probe] = probes;
    assert.ok(probe?.kind === 'check' && probe.check.kind === 'command');
    assert.equal(probe.check.workingDirectory, '/srv/shop/probes');
  });

  it('are faults where nobody knows it', () => {
    assert.deepEqual(
      faultsOf(text).map((fault) => fault.split(' ')[0]),
      ['variants[0].artifact', 'variants[1].patch.artifact', 'probes[0].workingDirectory'],
    );
    const checked = checkExperimentManifest({ apiVersion: 'supplant.dev/v1', kind: 'Experiment', variants: [null] });
    assert.ok(!checked.ok);
  });
});

describe('parseDescription', () => {
  const kindOf = (text: string): string => {
    const parsed = parseDescription(text, '/srv');
    return parsed.ok ? parsed.described.kind : write(parsed.faults).join('\n');
  };

  it('goes by the kind that the file says it is, misspelt or not', () => {
    assert.equal(kindOf(LEAST), 'Experiment');
    const service =
      'apiVersion: supplant.dev/v1\nkind: Service\nname: web\nenvironment: dev\nartifact: a\nblueprint: b\n';
    assert.equal(kindOf(service), 'Service');
    assert.match(kindOf(LEAST.replace('kind: Experiment', 'kind: experimnt')), /found 'experimnt'; did you mean/);
    assert.match(kindOf('name: web\n'), /^kind 1:1 expected kind: Service, found nothing$/m);
  });

  it('says which kinds there are', () => {
    assert.equal(kindOf('kind: Access\nbindings: []\n'), "kind 1:7 expected Service or Experiment, found 'Access'");
    assert.match(kindOf('- a\n'), /expected a mapping, found a list/);
    assert.match(kindOf('a: [\n'), /valid YAML/);
  });
});

describe('a manifest of a drill', () => {
  const drill = (text: string): string => `${HEAD}drill: ${text}\n`;

  it('says which rollback is tried, and keeps nothing for people to look at', () => {
    const spec = specOf(drill('{service: web/production}'));
    assert.deepEqual(
      [spec.variants, spec.drill, spec.stay],
      [[], { service: { name: 'web', environment: 'production' } }, 'until-probed'],
    );
  });

  it('counts a candidate from its folder', () => {
    const text = drill(
      '{service: web/production, release: {artifact: dir:./app}, patch: {blueprint: {config: {a: 1}}}}',
    );
    assert.deepEqual(specOf(text, '/srv/shop').drill, {
      service: { name: 'web', environment: 'production' },
      release: { artifact: 'dir:/srv/shop/app' },
      patch: { blueprint: { config: { a: 1 } } },
    });
    assert.match(faultsOf(text)[0] ?? '', /^drill\.release\.artifact /);
  });

  it('is told everything that is wrong with it', () => {
    const text = drill(
      '{service: web, release: {}, patch: {artifact: x}, chekcs: []}\nvariants: [{name: blue, like: web/production}]\nstay: until-ttl\naddresses: {first: 80}',
    );
    assertGolden('drill-faults', `${faultsOf(text).join('\n')}\n`);
  });

  it('is in the place of variants, of which one has to be there', () => {
    assert.match(faultsOf(HEAD)[0] ?? '', /^variants .* expected a list of variants, or drill: /);
  });
});
