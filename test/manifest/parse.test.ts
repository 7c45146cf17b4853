import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DEFAULT_CHECKS, DEFAULT_RETENTION, DEFAULT_STRATEGY } from '../../src/manifest/defaults.ts';
import { faultMessage } from '../../src/manifest/fault.ts';
import { parseManifest } from '../../src/manifest/parse.ts';

const HEAD = [
  'apiVersion: supplant.dev/v1',
  'kind: Service',
  'name: web',
  'environment: production',
  'artifact: npm:http-server@14.1.1',
  'blueprint: local-process',
  '',
].join('\n');

/** All faults as `path line:column message`. */
function faultsOf(text: string): string[] {
  const parsed = parseManifest(text);
  if (parsed.ok) return [];
  return parsed.faults.map((fault) => `${fault.path} ${fault.line}:${fault.column} ${faultMessage(fault)}`);
}

function specOf(text: string) {
  const parsed = parseManifest(text);
  assert.ok(parsed.ok, faultsOf(text).join('\n'));
  return parsed.spec;
}

describe('parseManifest', () => {
  it('completes the shortest manifest with the defaults', () => {
    assert.deepEqual(specOf(HEAD), {
      service: { name: 'web', environment: 'production' },
      artifact: 'npm:http-server@14.1.1',
      blueprint: { name: 'local-process', config: {} },
      router: { kind: 'embedded' },
      strategy: DEFAULT_STRATEGY,
      checks: DEFAULT_CHECKS,
      retention: DEFAULT_RETENTION,
    });
  });

  it('reads every field', () => {
    const text = `${HEAD.replace('blueprint: local-process', 'blueprint: {name: local-process, config: {args: ["{port}"], n: 1.5, t: true, z: null}}')}
router: {kind: embedded, port: 8080}
strategy: {kind: blue-green, bake: 1h30m}
checks:
  - name: healthy
    http: {path: /up, status: [200, 204-206], headers: {X-Mode: on the air}, bodyContains: ok, maxLatency: 300ms}
    successes: 2
    interval: 1s
    timeout: 2s
    deadline: 30s
  - name: smoke
    command: [sh, -c, 'curl -f {url}']
retention: {warm: 2, for: 5m}
`;
    const spec = specOf(text);
    assert.deepEqual(spec.blueprint.config, { args: ['{port}'], n: 1.5, t: true, z: null });
    assert.deepEqual(spec.router, { kind: 'embedded', port: 8080 });
    assert.deepEqual(spec.strategy, { kind: 'blue-green', bakeMs: 5_400_000 });
    assert.deepEqual(spec.retention, { warm: 2, warmForMs: 300_000 });
    assert.deepEqual(spec.checks[0], {
      kind: 'http',
      name: 'healthy',
      path: '/up',
      status: [200, 204, 205, 206],
      headers: { 'x-mode': 'on the air' },
      bodyContains: 'ok',
      maxLatencyMs: 300,
      successes: 2,
      intervalMs: 1000,
      timeoutMs: 2000,
      deadlineMs: 30_000,
    });
    assert.deepEqual(spec.checks[1]?.kind === 'command' && spec.checks[1].command, ['sh', '-c', 'curl -f {url}']);
  });

  it('reports all faults at once, in the order of the file, each with its place', () => {
    const text = `apiVersion: supplant.dev/v2
kind: Service
name: Web_1
enviroment: production
artifact: 7
blueprint: local-process
router:
  port: 99999
checks:
  - name: one
    http: {path: up, staus: 200}
  - name: one
    http: {status: 700}
    interval: 5
retention:
  warm: -1
`;
    assert.deepEqual(faultsOf(text), [
      'environment 1:1 expected lower-case letters, digits and hyphens, a letter first, at most 40, such as production, found nothing',
      "apiVersion 1:13 expected supplant.dev/v1, found 'supplant.dev/v2'; did you mean 'supplant.dev/v1'?",
      "name 3:7 expected lower-case letters, digits and hyphens, a letter first, at most 40, such as web, found 'Web_1'",
      "enviroment 4:1 expected only apiVersion, kind, name, environment, artifact, blueprint, router, strategy, checks, retention, concurrency here, found the unknown key 'enviroment'; did you mean 'environment'?",
      'artifact 5:11 expected what to run, such as npm:http-server@14.1.1, in quotes, found 7',
      'router.port 8:9 expected a whole number from 1 to 65535, found 99999',
      "checks[0].http.path 11:18 expected a path that begins with /, without spaces and #, found 'up'",
      "checks[0].http.staus 11:22 expected only path, status, headers, bodyContains, maxLatency here, found the unknown key 'staus'; did you mean 'status'?",
      "checks[1].name 12:11 expected a name of its own, found 'one' a second time",
      'checks[1].http.status 13:20 expected a status code from 100 to 599 or a span such as 200-299, found 700',
      'checks[1].interval 14:15 expected a duration from 10ms to 1h, such as 500ms, 10s or 1h30m, found 5 without a unit',
      'retention.warm 16:9 expected a whole number from 0 to 10, found -1',
    ]);
  });

  const cases: [string, string, RegExp[]][] = [
    ['nothing', '', [/^ 1:1 expected a service: .*, found an empty file$/]],
    ['only a comment', '# later\n', [/found an empty file$/]],
    ['a list', '- web\n', [/^ 1:1 expected a mapping, found a list$/]],
    ['broken YAML', 'name: [web\n', [/expected valid YAML, found what YAML cannot read/]],
    ['a repeated key', `${HEAD}name: api\n`, [/^ 7:1 expected each key once/]],
    ['two documents', `${HEAD}---\n${HEAD}`, [/expected one service in one file/]],
    ['an empty list of checks', `${HEAD}checks: []\n`, [/^checks 7:9 expected at least one check/]],
    ['an unnamed check', `${HEAD}checks: [{http: {}}]\n`, [/^checks\[0\].name 7:10 .*found nothing$/]],
    ['a check of no kind', `${HEAD}checks: [{name: a}]\n`, [/^checks\[0\].http 7:10 expected http: .* or command:/]],
    [
      'a check of both kinds',
      `${HEAD}checks: [{name: a, http: {}, command: [a]}]\n`,
      [/expected either http or command, found both/],
    ],
    [
      'a command line',
      `${HEAD}checks: [{name: a, command: curl -f}]\n`,
      [/^checks\[0\].command .*a list: program and arguments/],
    ],
    [
      'an empty command',
      `${HEAD}checks: [{name: a, command: []}]\n`,
      [/expected a program to run, found an empty list/],
    ],
    [
      'a slow answer beyond the timeout',
      `${HEAD}checks: [{name: a, timeout: 1s, http: {maxLatency: 2s}}]\n`,
      [/expected a duration up to the timeout of 1s/],
    ],
    [
      'a timeout beyond the deadline',
      `${HEAD}checks: [{name: a, timeout: 9s, deadline: 8s, http: {}}]\n`,
      [/expected a timeout within the deadline of 8s, found 9s/],
    ],
    [
      'successes the deadline has no time for',
      `${HEAD}checks: [{name: a, successes: 9, interval: 1s, deadline: 8s, http: {}}]\n`,
      [/expected a deadline beyond the 8s that 9 successes take, found 8s/],
    ],
    ['a header twice', `${HEAD}checks: [{name: a, http: {headers: {A: b, a: b}}}]\n`, [/each header once/]],
    ['a router we lack', `${HEAD}router: {kind: haproxy}\n`, [/^router.kind 7:16 expected embedded, found 'haproxy'$/]],
    ['a strategy misspelt', `${HEAD}strategy: {kind: bluegreen}\n`, [/did you mean 'blue-green'\?$/]],
    [
      'an infinite number',
      HEAD.replace('local-process', '{name: local-process, config: {a: .inf}}'),
      [/^blueprint.config.a 6:46 .*found Infinity$/],
    ],
    [
      'a control character',
      HEAD.replace('npm:http-server@14.1.1', '"npm:\\u0000"'),
      [/expected text without control characters/],
    ],
    ['a reserved sort of text', HEAD.replace('web', 'on'), []],
  ];
  for (const [what, text, expected] of cases) {
    it(`answers ${what}`, () => {
      const faults = faultsOf(text);
      assert.equal(faults.length, expected.length, faults.join('\n'));
      expected.forEach((pattern, index) => assert.match(faults[index]!, pattern));
    });
  }

  it('shortens the default time-out of an attempt to a shorter deadline', () => {
    const [check] = specOf(`${HEAD}checks: [{name: a, deadline: 3s, http: {}}]\n`).checks;
    assert.deepEqual([check?.timeoutMs, check?.deadlineMs], [3000, 3000]);
  });

  for (const path of ['examples/web/supplant.yaml', 'examples/folder/supplant.yaml']) {
    it(`reads ${path}`, () => assert.deepEqual(faultsOf(readFileSync(path, 'utf8')), []));
  }
});
