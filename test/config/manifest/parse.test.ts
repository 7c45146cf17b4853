import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DEFAULT_CHECKS, DEFAULT_RETENTION, DEFAULT_STRATEGY } from '../../../src/config/manifest/defaults.ts';
import { faultMessage } from '../../../src/config/fault.ts';
import { parseManifest } from '../../../src/config/manifest/parse.ts';
import { STRATEGY_PRESETS, resolvePreset } from '../../../src/domain/service/strategy-presets.ts';

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

const RULE =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shared/50dc6c495c0c9188/f2f7dc8efc522ab2';

describe('parseManifest', () => {
  it('completes the shortest manifest with the defaults', () => {
    assert.deepEqual(specOf(HEAD), {
      service: { name: 'web', environment: 'production' },
      artifact: 'npm:http-server@14.1.1',
      blueprint: { name: 'local-process', config: {} },
      router: { kind: 'embedded', drainMs: 30_000 },
      strategy: DEFAULT_STRATEGY,
      checks: DEFAULT_CHECKS,
      retention: DEFAULT_RETENTION,
    });
  });

  it('reads each kind of strategy', () => {
    const strategyOf = (text: string) => specOf(`${HEAD}strategy: ${text}\n`).strategy;
    assert.deepEqual(
      strategyOf(
        '{kind: canary, steps: [{weight: 5, bake: 10m, leastRequests: 20}, {weight: 50, bake: 1h}], bake: 1m, leastRequests: 100, waitForRequests: 2h}',
      ),
      {
        kind: 'canary',
        steps: [
          { weight: 5, bakeMs: 600_000, leastRequests: 20 },
          { weight: 50, bakeMs: 3_600_000 },
        ],
        bakeMs: 60_000,
        leastRequests: 100,
        waitForRequestsMs: 7_200_000,
      },
    );
    assert.deepEqual(strategyOf('{kind: linear, step: 20, every: 3m}'), {
      ...{ kind: 'linear', step: 20, everyMs: 180_000, bakeMs: 10_000 },
    });
    assert.deepEqual(strategyOf('{kind: exponential, growth: 5, every: 2m, bake: 1m}'), {
      ...{ kind: 'exponential', growth: 5, everyMs: 120_000, bakeMs: 60_000 },
    });
  });

  it('reads an analysis, complete with what it says by default', () => {
    const budgets = { bad: 0, unmeasured: 4, undecided: 0 };
    const strategyOf = (text: string) => specOf(`${HEAD}strategy: ${text}\n`).strategy;
    assert.deepEqual(
      strategyOf('{kind: linear, step: 20, every: 3m, analysis: {compare: {latency: {}}, dryRun: true}}'),
      {
        ...{ kind: 'linear', step: 20, everyMs: 180_000, bakeMs: 10_000 },
        analysis: {
          compare: { errors: { alpha: 0.05 }, latency: { confidence: 0.98, mayRise: 0.25 } },
          ...{ leastRequests: 100, budgets, dryRun: true },
        },
      },
    );
    const comparisonOf = (baseline: string) =>
      strategyOf(`{kind: linear, step: 20, every: 3m, analysis: {compare: {baseline: ${baseline}}}}`).analysis?.compare;
    assert.deepEqual(comparisonOf('fresh'), { baseline: 'fresh', errors: { alpha: 0.05 } });
    assert.deepEqual(comparisonOf('live'), { errors: { alpha: 0.05 } });
    assert.deepEqual(strategyOf('{analysis: {errorsAtMost: 0.05, budgets: {bad: 2}}}').analysis, {
      ...{ errorsAtMost: 0.05, leastRequests: 100, budgets: { ...budgets, bad: 2 } },
    });
  });

  it('reads who has the new revision first', () => {
    const strategyOf = (text: string) => specOf(`${HEAD}strategy: ${text}\n`).strategy;
    assert.deepEqual(
      strategyOf(
        '{kind: linear, step: 50, every: 1m, cohort: {header: {name: x-beta, value: "yes"}, cookie: {name: beta, value: "1"}, bake: 5m, leastRequests: 20}, waitForRequests: 1m}',
      ).cohort,
      {
        ...{ header: { name: 'x-beta', value: 'yes' }, cookie: { name: 'beta', value: '1' } },
        ...{ bakeMs: 300_000, leastRequests: 20 },
      },
    );
    assert.deepEqual(strategyOf('{inspection: {}}'), {
      ...{ kind: 'blue-green', bakeMs: 10_000, inspection: { holdMs: 600_000, then: 'promote' } },
    });
    assert.deepEqual(strategyOf('{inspection: {holdFor: 1h, then: abort}}'), {
      ...{ kind: 'blue-green', bakeMs: 10_000, inspection: { holdMs: 3_600_000, then: 'abort' } },
    });
    for (const preview of [{ port: 8081 }, {}]) {
      const strategy = { kind: 'blue-green', bakeMs: 10_000, preview };
      assert.deepEqual(strategyOf(JSON.stringify({ preview })), strategy);
    }
  });

  it('reads a router by its name alone', () => {
    for (const kind of ['embedded', 'haproxy']) {
      assert.deepEqual(specOf(`${HEAD}router: ${kind}\n`).router, specOf(`${HEAD}router: {kind: ${kind}}\n`).router);
    }
  });

  it('reads metrics of what each router counts, latencies among them', () => {
    const strategy =
      'strategy: {kind: canary, steps: [{weight: 10, bake: 1m}], analysis: {compare: {latency: {}}}, metrics: [{name: slow, router: {series: p99}, atMost: 1}]}';
    for (const kind of ['embedded', 'haproxy']) {
      const { metrics } = specOf(`${HEAD}router: ${kind}\n${strategy}\n`).strategy;
      assert.deepEqual(
        metrics?.map(({ name, kind: place }) => [name, place]),
        [['slow', 'router']],
      );
    }
  });

  it('counts the steps that a gate can stand before, those of an audience too', () => {
    for (const [strategy, steps] of [
      ['{kind: canary, steps: [{weight: 5, bake: 1m}]}', 2],
      ["{kind: canary, steps: [{weight: 5, bake: 1m}], cohort: {header: {name: x-beta, value: 'yes'}, bake: 1m}}", 3],
      ['{kind: blue-green, inspection: {}}', 2],
      ['linear10-1m', 10],
    ] as const) {
      const at = (step: number) =>
        `${HEAD}strategy: ${strategy}\ngates: [{before: shift, step: ${step}, approval: {}}]\n`;
      assert.equal(specOf(at(steps)).gates?.length, 1, strategy);
      assert.match(faultsOf(at(steps + 1))[0] ?? '', /expected a step of the strategy, which has/);
    }
  });

  it('reads presets as what they stand for', () => {
    assert.ok(STRATEGY_PRESETS.length > 0);
    for (const preset of STRATEGY_PRESETS) {
      assert.deepEqual(specOf(`${HEAD}strategy: ${preset}\n`).strategy, resolvePreset(preset));
    }
  });

  it('reads every field', () => {
    const text = `${HEAD.replace('blueprint: local-process', 'blueprint: {name: local-process, config: {args: ["{port}"], n: 1.5, t: true, z: null}}')}
router: {kind: embedded, port: 8080, drain: 2m}
strategy: {kind: blue-green, bake: 1h30m, failureLimit: {unansweredRequests: 0.10%, restarts: 2}}
checks:
  - name: healthy
    http: {path: /up, status: [200, 204-206], responseHeaders: {X-Mode: on the air}, bodyContains: ok, maxLatency: 300ms}
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
    assert.deepEqual(spec.router, { kind: 'embedded', port: 8080, drainMs: 120_000 });
    const failureLimit = { unansweredRequests: '0.1%', restarts: 2 };
    assert.deepEqual(spec.strategy, { kind: 'blue-green', bakeMs: 5_400_000, failureLimit });
    assert.deepEqual(spec.retention, { warm: 2, warmForMs: 300_000 });
    assert.deepEqual(spec.checks[0], {
      kind: 'http',
      name: 'healthy',
      path: '/up',
      status: [200, 204, 205, 206],
      responseHeaders: { 'x-mode': { equals: 'on the air' } },
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
      "name 3:7 expected lower-case letters, digits and single hyphens, a letter first, at most 40, such as web, found 'Web_1'",
      "enviroment 4:1 expected only apiVersion, kind, name, environment, artifact, blueprint, pool, router, strategy, checks, retention, concurrency, drift, rollbackSafety, rollbackWindow, freezeOnFail, progressDeadline, gates, hooks, rollbackOn, migrations here, found the unknown key 'enviroment'; did you mean 'environment'?",
      'artifact 5:11 expected what to run, such as npm:http-server@14.1.1, in quotes, found 7',
      'router.port 8:9 expected a whole number from 1 to 65535, found 99999',
      "checks[0].http.path 11:18 expected a path that begins with /, without spaces and #, found 'up'",
      "checks[0].http.staus 11:22 expected only path, method, requestHeaders, requestBody, tls, follow, status, responseHeaders, bodyContains, bodyMatches, json, maxLatency here, found the unknown key 'staus'; did you mean 'status'?",
      "checks[1].name 12:11 expected a name of its own, found 'one' a second time",
      'checks[1].http.status 13:20 expected a status code from 100 to 599 or a span such as 200-299, found 700',
      'checks[1].interval 14:15 expected a duration from 10ms to 1h, such as 500ms or 10s, found 5 without a unit',
      'retention.warm 16:9 expected a whole number from 0 to 10, found -1',
    ]);
  });

  const cases: [string, string, RegExp[]][] = [
    ['nothing', '', [/^ 1:1 expected a service: .*, found an empty file$/]],
    ['only a comment', '# later\n', [/found an empty file$/]],
    ['a list', '- web\n', [/^ 1:1 expected a mapping, found a list$/]],
    ['broken YAML', 'name: [web\n', [/expected valid YAML, found what YAML cannot read/]],
    ['a repeated key', `${HEAD}name: api\n`, [/^ 7:1 expected each key once/]],
    [
      'repeated keys below',
      `${HEAD}router: {a: {x: 1, y: 2, 'x': 3}, kind: b, kind: c}\n`,
      [/^ 7:26 expected each key once/, /^ 7:44 expected each key once/],
    ],
    ['two documents', `${HEAD}---\n${HEAD}`, [/expected one service in one file/]],
    [
      'limits of failures beyond what a bake can mean',
      `${HEAD}strategy: {failureLimit: {unansweredRequests: 60%, restarts: -1}}\n`,
      [
        /unansweredRequests 7:\d+ expected a whole number up to 1000000, or a share .* up to 50%/,
        /restarts .* from 0 to 1000/,
      ],
    ],
    [
      'a share as a fraction, and a limit that there is not',
      `${HEAD}strategy: {failureLimit: {unansweredRequests: 0.001, checks: 1}}\n`,
      [/a share of all requests up to 50%, such as 0.1%, found 0.001/, /unknown key 'checks'/],
    ],
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
    ['a header twice', `${HEAD}checks: [{name: a, http: {responseHeaders: {A: b, a: b}}}]\n`, [/each header once/]],
    [
      'headers as other tools call them',
      `${HEAD}checks: [{name: a, http: {headers: {Host: b}}}]\n`,
      [
        /^checks\[0\].http.headers 7:\d+ expected requestHeaders \(what is sent\) or responseHeaders .*the key 'headers'$/,
      ],
    ],
    [
      'a body that its method does not send',
      `${HEAD}checks: [{name: a, http: {requestBody: b}}, {name: b, http: {method: HEAD, bodyContains: c}}]\n`,
      [/expected a method that sends a body, such as method: POST/, /expected a method that is answered with a body/],
    ],
    [
      'what says how a request is sent',
      `${HEAD}checks: [{name: a, http: {requestHeaders: {Content-Length: '3', X: "é\u0142"}}}]\n`,
      [/'Content-Length', which Supplant sets itself/, /of ISO 8859-1 characters/],
    ],
    [
      'paths and patterns that are none',
      `${HEAD}checks:
  - name: a
    http:
      tls: maybe
      follow: 3
      responseHeaders: {x: {matches: '(', contains: b}, y: {matches: '(?=a)'}}
      bodyMatches: '['
      json: [{path: status}, {path: $..a..b}, {equals: 1}, {path: $.a, equals: 1, matches: b}]
`,
      [
        /http.tls .*expected true, false, or a mapping/,
        /http.follow .*expected true or false, found 3/,
        /responseHeaders.x .*one of equals, contains and matches, found several/,
        /x.matches .*a regular expression in RE2's syntax, such as \^ok, found missing closing/,
        /y.matches .*a regular expression in RE2's syntax, such as \^ok, found .*`\(\?=`/,
        /bodyMatches .*missing closing \]/,
        /json\[0\].path .*a JSONPath \(RFC 9535\), such as \$.status, found expected '\$'/,
        /json\[1\].path .*found 2 times '\.\.', where 1 is the most/,
        /json\[2\].path .*found nothing/,
        /json\[3\].matches .*either equals or matches, found both/,
      ],
    ],
    [
      'a strict port that is none',
      `${HEAD}router: {strictPort: true}\n`,
      [/^router.port 7:9 expected a port, since strictPort/],
    ],
    [
      'a strict port that is a word',
      `${HEAD}router: {port: 80, strictPort: maybe}\n`,
      [/^router.strictPort .* expected true or false/],
    ],
    [
      'an address that is a name',
      `${HEAD}router: {listen: web.example}\n`,
      [
        /^router.listen 7:18 expected an IP address of the router's machine, .*; a name may stand for several, found 'web/,
      ],
    ],
    [
      'an address with a port',
      `${HEAD}router: {kind: haproxy, listen: '0.0.0.0:80'}\n`,
      [/^router.listen .* expected an IP address/],
    ],
    [
      'an address at a load balancer',
      `${HEAD}router: {kind: aws-alb, rule: ${RULE}, listen: 0.0.0.0}\n`,
      [/^router.listen .* with kind: embedded or haproxy only/],
    ],
    [
      'a router we lack',
      `${HEAD}router: {kind: nginx}\n`,
      [/^router.kind 7:16 expected one of embedded, aws-alb, haproxy, found 'nginx'$/],
    ],
    [
      'a load balancer without its rule',
      `${HEAD}router: {kind: aws-alb}\n`,
      [/^router.rule .* expected the rule that splits/],
    ],
    [
      'a rule that is none',
      `${HEAD}router: {kind: aws-alb, rule: arn:aws:ec2:eu-west-1:1:vpc/v}\n`,
      [/^router.rule .* expected the ARN of a listener rule, or of a listener/],
    ],
    [
      'cookies that end within a second',
      `${HEAD}router: {kind: aws-alb, rule: ${RULE}, sticky: 1500ms}\n`,
      [/^router.sticky .* expected a duration of whole seconds, found '?1s500ms/],
    ],
    [
      'a key of the other router',
      `${HEAD}router: {kind: aws-alb, rule: ${RULE}, port: 80}\n`,
      [/^router.port .* with kind: embedded or haproxy only/],
    ],
    [
      'an analysis of nothing',
      `${HEAD}strategy: {analysis: {leastRequests: 0, budgets: {bed: 1}, erorsAtMost: 1}}\n`,
      [
        /^strategy.analysis.errorsAtMost .*expected errorsAtMost or compare, or both, found nothing$/,
        /^strategy.analysis.leastRequests .*expected a whole number from 1 to 1000000000, found 0$/,
        /^strategy.analysis.budgets.bed .*/,
        /^strategy.analysis.erorsAtMost .*/,
      ],
    ],
    [
      'an analysis that has nothing to compare with',
      `${HEAD}strategy: {kind: blue-green, analysis: {errorsAtMost: 2, compare: {latency: {confidence: 1}}}}\n`,
      [
        /^strategy.analysis.errorsAtMost .*expected a number from 0 to 1, found 2$/,
        /^strategy.analysis.compare .*expected a strategy with a step below 100 % beside it, such as kind: canary; .*errorsAtMost alone can be judged, found kind: blue-green$/,
        /^strategy.analysis.compare.latency.confidence .*expected a number from 0.5 to 0.9999, found 1$/,
      ],
    ],
    [
      'a baseline that nothing is left for',
      `${HEAD}strategy: {kind: canary, steps: [{weight: 99, bake: 1m}], analysis: {compare: {baseline: fresh}}}\n`,
      [
        /^strategy.analysis.compare.baseline .*expected a step of 98 % or less beside it: the live revision keeps 1 %, .*, found fresh$/,
      ],
    ],
    [
      'a baseline of all traffic, at a router that does not count, by another name',
      `${HEAD}router: {kind: aws-alb, rule: '${RULE}'}\nstrategy: {kind: blue-green, analysis: {compare: {baseline: frsh}}}\n`,
      [
        /^strategy.analysis .*expected it with the router embedded or haproxy only, since aws-alb counts no requests/,
        /^strategy.analysis.compare .*expected a strategy with a step below 100 % beside it/,
        /^strategy.analysis.compare.baseline .*expected one of live, fresh.*fresh/,
      ],
    ],
    [
      'an analysis that nobody counts for',
      `${HEAD}router: {kind: aws-alb, rule: '${RULE}'}\nstrategy: {analysis: {errorsAtMost: 0.1}}\n`,
      [
        /^strategy.analysis .*expected it with the router embedded or haproxy only, since aws-alb counts no requests; use metrics there, found an analysis$/,
      ],
    ],
    [
      'metrics that cannot be judged',
      `${HEAD}router: {kind: aws-alb, rule: '${RULE}'}
strategy:
  bake: 30s
  metrics:
    - {name: slow, cloudwatch: {metric: TargetResponseTime, statistic: p999}, atMost: 1, leastSamples: 0}
    - {name: rate, cloudwatch: {metric: Errors, statistic: Average, per: Requests}}
    - {name: rate, cloudwatch: {metric: Errors, statistic: Sum}, atMost: 1, atLeast: 2}
`,
      [
        /^strategy.bake 9:9 expected a bake of at least 1m where there are metrics, which come by the minute, found 30s$/,
        /^strategy.metrics\[0\].cloudwatch.statistic .*expected Sum, Average, Minimum, Maximum or a percentile such as p99, found 'p999'$/,
        /^strategy.metrics\[0\].leastSamples .*expected a whole number from 1 to 1000000, found 0$/,
        /^strategy.metrics\[1\].atMost .*expected atMost or atLeast, or both, found nothing$/,
        /^strategy.metrics\[1\].cloudwatch.statistic .*expected Sum where there is a per, found 'Average'$/,
        /^strategy.metrics\[2\].name .*expected a name of its own, found 'rate' a second time$/,
        /^strategy.metrics\[2\].atLeast .*expected a number up to atMost, 1, found 2$/,
      ],
    ],
    [
      'metrics of several places, or none',
      `${HEAD}strategy:
  metrics:
    - {name: none, atMost: 1}
    - {name: two, atMost: 1, router: {series: p99}, command: {run: [./slow]}}
    - {name: odd, atMost: 1, router: {series: error_rate}}
    - {name: few, atMost: 1, leastSamples: 10, prometheus: {address: 'http://127.0.0.1:9090', query: up}}
`,
      [
        /^strategy.metrics\[0\] .*expected one place that has the number: router, prometheus, httpJson, command, cloudwatch, found nothing$/,
        /^strategy.metrics\[1\] .*found router and command$/,
        /^strategy.metrics\[2\].router.series .*expected one of error-rate, requests, .*did you mean 'error-rate'\?$/,
        /^strategy.metrics\[3\].prometheus.samples .*since leastSamples is 10, found nothing$/,
      ],
    ],
    [
      'what metrics cannot be asked with',
      `${HEAD}strategy:
  metrics:
    - {name: a, atMost: 1, prometheus: {address: prometheus, query: 'up{x="{revison}"}'}}
    - {name: b, atMost: 1, httpJson: {url: 'http://ada:secret@metrics/', value: $.a, headers: {Host: {secret: nowhere}}}}
    - {name: c, atMost: 1, httpJson: {url: 'http://metrics/{servce}', value: 'a b', headers: {Connection: close}}}
    - {name: d, atMost: 1, command: {run: [], env: {'A-B': c}, timeout: 2m}}
`,
      [
        /address .*expected an address such as http:\/\/127.0.0.1:9090, without credentials, found 'prometheus'$/,
        /query .*found \{revison\}.*did you mean '\{revision\}'\?$/,
        /url .*without credentials, found /,
        /headers.Host.secret .*expected where the secret is/,
        /url .*found \{servce\}.*did you mean '\{service\}'\?$/,
        /metrics\[2\].httpJson.value .*expected a JSONPath/,
        /headers.Connection .*found 'Connection', which Supplant sets itself$/,
        /command.run .*expected a program to run/,
        /command.env.A-B .*expected the name of a variable/,
        /command.timeout .*expected a duration from 10ms to 1m/,
      ],
    ],
    [
      'metrics of a router that counts nothing',
      `${HEAD}router: {kind: aws-alb, rule: '${RULE}'}
strategy: {metrics: [{name: slow, router: {series: p99}, atMost: 1}]}
`,
      [/metrics\[0\].router .*such as cloudwatch or prometheus: the router aws-alb counts no requests, found router$/],
    ],
    [
      'a bake in which nothing can be measured',
      `${HEAD}strategy: {bake: 0s, metrics: [{name: slow, router: {series: p99}, atMost: 1}]}
`,
      [/^strategy.bake .*expected a bake of at least 1s where there are metrics, found 0/],
    ],
    [
      'a metric without dimensions where the router has none',
      `${HEAD}strategy: {bake: 5m, metrics: [{name: slow, cloudwatch: {metric: Latency, statistic: p99}, atMost: 1}]}
`,
      [
        /dimensions .*expected them, such as \{Revision: "\{revision\}"\}: only the router aws-alb has some of its own, found nothing$/,
      ],
    ],
    ['a strategy misspelt', `${HEAD}strategy: {kind: bluegreen}\n`, [/did you mean 'blue-green'\?$/]],
    [
      'a router misspelt',
      `${HEAD}router: haproxi\n`,
      [
        /^router 7:9 expected a router \(kind and its keys\), or one of embedded, haproxy, found 'haproxi'; did you mean 'haproxy'\?$/,
      ],
    ],
    [
      'a preset misspelt',
      `${HEAD}strategy: canary10-5min\n`,
      [/^strategy 7:11 expected a strategy .*, or one of all-at-once, .*; did you mean 'canary10-5m'\?$/],
    ],
    ['a strategy that is a number', `${HEAD}strategy: 10\n`, [/^strategy 7:11 expected a strategy .*found 10$/]],
    [
      'steps that fall, that stand still, and that are all of the traffic',
      `${HEAD}strategy:
  kind: canary
  steps:
    - {weight: 20, bake: 1m}
    - {weight: 20, bake: 1m}
    - {weight: 5, bake: 100ms}
    - {weight: 100, bake: 1m}
    - 50
`,
      [
        /^strategy.steps\[1\].weight .*expected a weight above that of the step before, 20, found 20$/,
        /^strategy.steps\[2\].weight .*expected a weight above that of the step before, 20, found 5$/,
        /^strategy.steps\[2\].bake .*expected a duration from 1s to 14 days/,
        /^strategy.steps\[3\].weight .*expected a whole number from 1 to 99, found 100$/,
        /^strategy.steps\[4\] .*expected a mapping, found 50$/,
      ],
    ],
    [
      'a strategy without what its kind needs, with what others need',
      `${HEAD}strategy: {kind: linear, growth: 10, steps: [{weight: 10, bake: 1m}]}\n`,
      [
        /^strategy.step .*expected how much more each time, in percent, such as 10, found nothing$/,
        /^strategy.every .*expected how long each share lasts, such as 1m, found nothing$/,
        /^strategy.growth .*expected it with kind: exponential only, found it with linear$/,
        /^strategy.steps .*expected it with kind: canary only, found it with linear$/,
      ],
    ],
    [
      'metrics beside steps too short for them',
      `${HEAD}router: {kind: aws-alb, rule: '${RULE}'}
strategy:
  kind: canary
  bake: 1m
  steps: [{weight: 10, bake: 30s}]
  metrics: [{name: slow, cloudwatch: {metric: TargetResponseTime, statistic: p99}, atMost: 1}]
`,
      [/^strategy.steps\[0\].bake .*expected a bake of at least 1m where there are metrics/],
    ],
    [
      'requests that the router cannot count',
      `${HEAD}router: {kind: aws-alb, rule: '${RULE}'}
strategy: {kind: canary, leastRequests: 100, steps: [{weight: 10, bake: 1m, leastRequests: 50}]}
`,
      [
        /^strategy.leastRequests .*expected it with the router embedded.* only, since aws-alb counts no requests; a metric with leastSamples can demand them, found 100$/,
        /^strategy.steps\[0\].leastRequests .*found 50$/,
      ],
    ],
    [
      'a wait for requests that nobody demands',
      `${HEAD}strategy: {waitForRequests: 5m}\n`,
      [/^strategy.waitForRequests .*expected it beside leastRequests only, found it alone$/],
    ],
    [
      'a cohort that no request could be in',
      `${HEAD}strategy: {kind: canary, steps: [{weight: 10, bake: 1m}], cohort: {bake: 0s}}\n`,
      [
        /^strategy.cohort.header .*expected a header or a cookie, or both, found nothing$/,
        /^strategy.cohort.bake .*from 1s to 14 days/,
      ],
    ],
    [
      'a cohort by a header that is not to be had, and a cookie with what ends one',
      `${HEAD}strategy: {kind: linear, step: 50, every: 1m, cohort: {bake: 1m, header: {name: Host, value: a}, cookie: {name: b, value: 'c;d'}}}\n`,
      [
        /^strategy.cohort.header.name .*expected a header of your own, such as x-beta.*found Host$/,
        /^strategy.cohort.cookie.value .*expected 1 to 128 letters/,
      ],
    ],
    [
      'an inspection of a canary, and two audiences at once',
      `${HEAD}strategy: {kind: canary, steps: [{weight: 10, bake: 1m}], inspection: {then: wait}, cohort: {bake: 1m, header: {name: a, value: b}}}\n`,
      [
        /^strategy.inspection .*expected it with kind: blue-green only, found it with canary$/,
        /^strategy.inspection.then .*/,
        /^strategy.cohort .*expected a cohort or an inspection, one of them, found both$/,
      ],
    ],
    [
      'audiences that the router cannot tell',
      `${HEAD}router: {kind: aws-alb, rule: '${RULE}'}
strategy: {inspection: {}}
`,
      [
        /^strategy.inspection .*expected it with the router embedded or haproxy only, since aws-alb cannot tell requests apart/,
      ],
    ],
    [
      'a preview address of a canary, at no port',
      `${HEAD}strategy: {kind: linear, step: 10, every: 1m, preview: {port: 0, host: a}}\n`,
      [
        /^strategy.preview .*expected it with kind: blue-green only, found it with linear$/,
        /^strategy.preview.port .*expected a whole number from 1 to 65535/,
        /^strategy.preview.host .*expected only port here/,
      ],
    ],
    [
      'a preview address where clients connect',
      `${HEAD}router: {port: 8080}\nstrategy: {preview: {port: 8080}}\n`,
      [/^strategy.preview.port .*expected another port than router.port, found 8080$/],
    ],
    [
      'a preview address at a router that has none',
      `${HEAD}router: {kind: aws-alb, rule: '${RULE}'}\nstrategy: {preview: {port: 8081}, leastRequests: 5}\n`,
      [
        /^strategy.preview .*expected it with the router embedded or haproxy only, since aws-alb has no address of its own/,
        /^strategy.leastRequests /,
      ],
    ],
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
    [
      'hooks that cannot be',
      `${HEAD}hooks:
  - {name: a, url: 'http://u:p@h/', secret: hunter2, before: plan}
  - {name: a, url: 'https://h/', secret: env:S, before: shift, after: bake, waitFor: 25h, timeout: 0s}
  - {name: b, url: 'https://h/', secret: env:S, after: settle, onFailure: rollback, kinds: [deploy, deploy]}
  - {name: c, url: h, secret: env:S, kinds: [remove]}
`,
      [
        /^hooks\[0\].url .*without credentials/,
        /^hooks\[0\].secret .*expected where the secret is: env:NAME/,
        /^hooks\[0\].before .*found 'plan'$/,
        /^hooks\[1\] .*expected before or after, and a phase, found before and after$/,
        /^hooks\[1\].name .*found 'a' a second time$/,
        /^hooks\[1\].waitFor .*from 10ms to 24h/,
        /^hooks\[1\].timeout .*from 10ms to 1m/,
        /^hooks\[2\].onFailure .*expected ignore: the revision is live by then, and nothing is put back, found 'rollback'$/,
        /^hooks\[2\].kinds .*expected each kind once, found deploy, deploy$/,
        /^hooks\[3\] .*expected before or after, and a phase, found nothing$/,
        /^hooks\[3\].url .*expected an address/,
        /^hooks\[3\].kinds\[0\] .*found 'remove'/,
      ],
    ],
    [
      'migrations that cannot be',
      `${HEAD}migrations: {}\nrollbackOn: {webhooks: []}\n`,
      [
        /^migrations .*expected expand, contract or both, found nothing$/,
        /^rollbackOn.webhooks .*expected one at least/,
      ],
    ],
    [
      'a hook that is called as migrations are',
      `${HEAD}hooks: [{name: expand, before: shift, url: 'https://h/', secret: env:S}]\nmigrations: {expand: {url: 'https://h/', secret: env:S}}\n`,
      [/^hooks\[0\].name .*expected another name: migrations.expand is called so, found 'expand'$/],
    ],
    ['a reserved sort of text', HEAD.replace('web', 'on'), []],
    [
      'gates that wait for nothing, or for two things, or are called alike',
      `${HEAD}gates: [{before: shift}, {before: settle, approval: {}, window: {timeZone: UTC, deny: [{rule: FREQ=DAILY, for: 1h}]}}, {name: approval, before: shift, approval: {}}]\n`,
      [
        /^gates\[0\] .*expected one thing that it waits for: approval, window, webhook, found nothing$/,
        /^gates\[1\] .*found approval and window$/,
        /^gates\[2\].name .*expected a name of its own, found 'approval' a second time$/,
      ],
    ],
    [
      'gates at points that there are not',
      `${HEAD}gates: [{before: bake, approval: {}}, {name: b, before: settle, step: 2, approval: {}}, {name: c, before: shift, step: 2, approval: {}}]\n`,
      [
        /^gates\[0\].before .*expected one of provision, shift, settle/,
        /^gates\[1\].step .*expected it with before: shift only, found it with settle$/,
        /^gates\[(1|2)\].step .*expected a step of the strategy, which has 1 step, found 2$/,
        /^gates\[2\].step .*expected a step of the strategy, which has 1 step, found 2$/,
      ],
    ],
    [
      'a webhook that is asked too often, or not to be asked',
      `${HEAD}gates: [{before: shift, webhook: {url: 'ftp://x', secret: plain}}, {name: b, before: shift, webhook: {url: 'https://a:b@x', secret: 'env:HOOK', every: 10s}}]\n`,
      [
        /^gates\[0\].webhook.url .*an address such as/,
        /^gates\[0\].webhook.secret /,
        /^gates\[1\].webhook.url .*without credentials/,
        /^gates\[1\].webhook.every .*at most 2000 askings until it expires.*found 8640$/,
      ],
    ],
    [
      'rules, zones, days and people that there are not',
      `${HEAD}gates: [{before: shift, window: {timeZone: Mars/Base, allow: [{rule: FREQ=HOURLY, for: 1s, starts: '2026-02-30'}]}}, {before: shift, approval: {from: [deployer], least: 0}, expiresAfter: 400h, then: shrug}]\n`,
      [
        /^gates\[0\].window.timeZone /,
        /^gates\[0\].window.allow\[0\].rule .*FREQ as one of DAILY/,
        /^gates\[0\].window.allow\[0\].for .*from 1m/,
        /^gates\[0\].window.allow\[0\].starts .*a day that there is/,
        /^gates\[1\].approval.from\[0\] .*the role deployer may not approve/,
        /^gates\[1\].approval.least .*from 1 to 10/,
        /^gates\[1\].expiresAfter .*14 days/,
        /^gates\[1\].then .*one of rollback, proceed/,
      ],
    ],
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

  for (const path of ['examples/web/supplant.yaml', 'examples/folder/supplant.yaml', 'examples/gates/supplant.yaml']) {
    it(`reads ${path}`, () => assert.ok(parseManifest(readFileSync(path, 'utf8'), '/srv').ok));
  }
});
