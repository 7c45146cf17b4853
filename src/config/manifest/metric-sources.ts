import { z } from 'zod';
import { DEFAULT_COMMAND_TIMEOUT_MS, type MetricStatistic, ROUTER_SERIES } from '../../domain/evidence/metric-spec.ts';
import { PLACEHOLDERS, fillTemplate, findUnknownPlaceholders } from '../../domain/evidence/metric-template.ts';
import { formatDuration } from '../duration.ts';
import { ALWAYS, FIRST, duration, entries, lines, list, mapping, text } from '../fields.ts';
import { nearest } from '../nearest.ts';
import { refuse } from '../problems.ts';
import { variable } from '../secret-field.ts';
import { secretHeaders } from './header-schema.ts';
import { jsonPath } from './pattern-field.ts';

const STATISTIC = /^(?:Sum|Average|Minimum|Maximum|p(?:\d{1,2}(?:\.\d{1,3})?|100))$/;
const STATISTIC_WANTED = 'Sum, Average, Minimum, Maximum or a percentile such as p99';
const NAME_OF_AWS = /^.{1,255}$/;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MOST_VARIABLES = 50;
const A_MINUTE = { least: 10, most: 60_000, words: 'from 10ms to 1m' };

const IN_BRACES = PLACEHOLDERS.map((name) => `{${name}}`).join(', ');
const SAMPLES = 'Of how many observations the number is made: what leastSamples is held against. One unless told.';

const cloudwatch = mapping({
  namespace: text('the namespace of a metric, such as AWS/ApplicationELB', NAME_OF_AWS)
    .prefault('AWS/ApplicationELB')
    .describe('Where the metric is.'),
  metric: text('the name of a metric, such as TargetResponseTime', NAME_OF_AWS).describe('What it is called there.'),
  statistic: (text(STATISTIC_WANTED, STATISTIC) as z.ZodType<MetricStatistic>).describe(
    `One of ${STATISTIC_WANTED}. Of a percentile the worst minute counts: they cannot be added up.`,
  ),
  per: text('the name of a metric, such as RequestCount', NAME_OF_AWS)
    .optional()
    .describe(
      'Another metric of the same dimensions, by whose sum the sum is divided. Where only that one has data, the result is 0: AWS counts no errors where there are none.',
    ),
  dimensions: entries(text('the value of a dimension', NAME_OF_AWS))
    .optional()
    .describe(
      "Which series it is: {service}, {environment} and {revision} stand for the revision's. With the router aws-alb, its target group and load balancer unless told.",
    ),
});

const router = mapping({
  series: z
    .enum(ROUTER_SERIES)
    .describe(
      'error-rate: answers from 500 on and requests without an answer, as a share from 0 to 1; requests: how many there were; p50 to p99: percentiles of the time until answers begin, in milliseconds.',
    ),
});

const prometheus = mapping({
  address: text('an address such as http://127.0.0.1:9090, without credentials', /^https?:\/\/[^\s?#@]+$/)
    .superRefine((address, context) => {
      if (!URL.canParse(address)) refuse(context, { wanted: 'an address such as http://127.0.0.1:9090' });
    }, FIRST)
    .describe('Where it is, as workers reach it; what stands before /api/v1/query.'),
  query: promql().describe(`An instant query in PromQL that finds one number. ${IN_BRACES} stand for the revision's.`),
  samples: promql().optional().describe(`Another one. ${SAMPLES}`),
  headers: secretHeaders().optional().describe('Headers that are sent, each as it is or as {secret: …}.'),
});

const httpJson = mapping({
  url: template('an address such as https://metrics.example/{service}/{revision}', /^https?:\/\/\S+$/)
    .superRefine((address, context) => {
      const url = URL.parse(fillTemplate(address, Object.fromEntries(PLACEHOLDERS.map((name) => [name, 'x']))));
      const wanted = 'an address such as https://metrics.example/{service}/{revision}, without credentials';
      if (url?.username !== '' || url.password !== '') refuse(context, { wanted });
    }, FIRST)
    .describe(`What is asked, by GET. ${IN_BRACES} stand for the revision's.`),
  value: jsonPath().describe('A JSONPath (RFC 9535) to the number. Where it finds nothing, there is no data.'),
  samples: jsonPath().optional().describe(`Another one. ${SAMPLES}`),
  headers: secretHeaders().optional().describe('Headers that are sent, each as it is or as {secret: …}.'),
});

const command = mapping({
  run: list(text(), {
    list: 'a list: program and arguments, such as [./error-rate, "{service}", "{revision}"]',
    empty: 'a program to run',
  }).describe(
    `A program and its arguments, run without a shell. It prints a number, or {"value": 0.2, "samples": 120}. ${IN_BRACES} stand for the revision's.`,
  ),
  env: entries(variable(lines()))
    .superRefine((given, context) => {
      const names = Object.keys(given);
      if (names.length > MOST_VARIABLES) {
        refuse(context, { wanted: `at most ${MOST_VARIABLES} variables`, found: String(names.length) });
      }
      for (const name of names.slice(0, MOST_VARIABLES).filter((each) => !VARIABLE_NAME.test(each))) {
        refuse(context, { path: [name], wanted: 'the name of a variable, such as API_TOKEN', found: `'${name}'` });
      }
    }, ALWAYS)
    .optional()
    .describe("Variables beside the worker's own, each as it is or as {secret: …}."),
  workingDirectory: text('a path')
    .optional()
    .describe("The folder that it runs in, relative to the manifest's. The manifest's own unless told."),
  timeout: duration(A_MINUTE).prefault(formatDuration(DEFAULT_COMMAND_TIMEOUT_MS)).describe('How long it may take.'),
});

/** The places that have numbers, one of which a metric names. A new one is a line here. */
export const SOURCE_SCHEMAS = {
  router: router.optional().describe('What the router has counted of the revision since the bake began. No set-up.'),
  prometheus: prometheus.optional().describe('What Prometheus answers, or what speaks its API.'),
  httpJson: httpJson.optional().describe('A number in a JSON document that is asked for over HTTP.'),
  command: command.optional().describe('A number that a command prints.'),
  cloudwatch: cloudwatch.optional().describe('A metric of Amazon CloudWatch.'),
};

export const SOURCE_KEYS = Object.keys(SOURCE_SCHEMAS) as (keyof typeof SOURCE_SCHEMAS)[];

function promql() {
  return refusingUnknown(lines('a query in PromQL, such as sum(rate(errors_total{revision="{revision}"}[{window}]))'));
}

function template(wanted: string, pattern: RegExp) {
  return refusingUnknown(text(wanted, pattern));
}

/** A name in braces that stands for nothing is a mistyped one: neither PromQL nor a URL has any. */
function refusingUnknown(field: z.ZodType<string>): z.ZodType<string> {
  return field.superRefine((value, context) => {
    for (const name of new Set(findUnknownPlaceholders(value))) {
      const meant = nearest(name, PLACEHOLDERS)[0];
      const wanted = `only ${IN_BRACES} as names in braces`;
      refuse(context, { wanted, found: `{${name}}`, ...(meant === undefined ? {} : { meant: `{${meant}}` }) });
    }
  }, FIRST);
}
