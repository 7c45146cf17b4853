import { z } from 'zod';
import { ALB_DEFAULTS, DEFAULT_DRAIN_MS, DEFAULT_ROUTER, type RouterSpec } from '../../domain/service/service.ts';
import { formatDuration } from '../duration.ts';
import { ALWAYS, duration, mapping, text, wholeNumber } from '../fields.ts';
import { refuseKeysOfOthers } from '../kinds.ts';
import { refuse } from '../problems.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A rule of an application load balancer, or a listener of one, in any partition of AWS. */
const RULE = /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener(?:-rule)?\/app(?:\/[\w-]+){3,4}$/;

/** An IP address, of a machine rather than of a network. */
const ADDRESS = new RegExp(`${z.regexes.ipv4.source}|${z.regexes.ipv6.source}`);

/** The keys that each router has for itself. A new one is a line here, and its keys below. */
const KEYS = {
  embedded: ['port', 'listen', 'strictPort'],
  'aws-alb': ['rule', 'settle', 'lastSettle', 'healthyLooks', 'sticky'],
  haproxy: ['port', 'listen', 'strictPort'],
} as const satisfies Record<RouterSpec['kind'], readonly string[]>;

const KINDS = Object.keys(KEYS) as (keyof typeof KEYS)[];

const keys = mapping({
  kind: z
    .enum(KINDS)
    .prefault(DEFAULT_ROUTER.kind)
    .describe('The router: the one that Supplant brings, a rule of an Application Load Balancer on AWS, or HAProxy.'),
  port: wholeNumber(1, 65_535)
    .optional()
    .describe('The port that clients connect to. A taken or missing one leads to a free one, which `status` shows.'),
  listen: text(
    "an IP address of the router's machine, 0.0.0.0 or :: for all of them; a name may stand for several",
    ADDRESS,
  )
    .optional()
    .describe(
      'The address of the router’s machine at which clients connect; 0.0.0.0 or :: for all that it has. As the router’s own `--listen` says unless told, which is this machine only. Who gets there is let in.',
    ),
  strictPort: z
    .boolean()
    .optional()
    .describe(
      'That port, at that address, or none: a deployment fails that would lead clients elsewhere. Needs a port.',
    )
    .meta({ default: false }),
  rule: text('the ARN of a listener rule, or of a listener, of an Application Load Balancer', RULE)
    .optional()
    .describe(
      'The ARN of the listener rule whose forwarding is this service’s and nobody else’s; or of a listener, for its default action.',
    ),
  settle: duration({ least: 0, most: HOUR, words: 'of at most an hour' }, formatDuration(ALB_DEFAULTS.settleMs))
    .optional()
    .describe('How long new requests may take to follow a change of weights.'),
  lastSettle: duration({ least: 0, most: HOUR, words: 'of at most an hour' }, formatDuration(ALB_DEFAULTS.lastSettleMs))
    .optional()
    .describe('The same, after the change that takes the last traffic from a revision.'),
  healthyLooks: wholeNumber(1, 100)
    .optional()
    .describe('How many looks in a row must find all targets of a revision healthy before it gets traffic.')
    .meta({ default: ALB_DEFAULTS.healthyLooks }),
  sticky: duration({ least: 1_000, most: 7 * DAY, words: 'of whole seconds, from 1s to 7 days (168h)' })
    .optional()
    .describe('For how long the load balancer keeps a client with its revision, whatever the weights are by then.'),
  drain: duration({ least: 0, most: DAY, words: 'of at most a day (24h)' })
    .prefault(formatDuration(DEFAULT_DRAIN_MS))
    .describe(
      'How long requests and connections in flight may take to finish before the stack they are on is destroyed.',
    ),
});

/** A router in full; each of its parts may be faulty itself. */
const routerMapping = refuseKeysOfOthers(keys, KEYS).superRefine(
  ({ kind, port, strictPort, rule, sticky }, context) => {
    if (strictPort && port === undefined) {
      refuse(context, {
        path: ['port'],
        wanted: 'a port, since strictPort says that no other will do',
        found: 'nothing',
      });
    }
    if (kind === 'aws-alb' && rule === undefined) {
      refuse(context, { path: ['rule'], wanted: 'the rule that splits the traffic, by its ARN', found: 'nothing' });
    }
    if (typeof sticky === 'number' && sticky % 1_000 !== 0) {
      refuse(context, { path: ['sticky'], wanted: 'a duration of whole seconds', found: formatDuration(sticky) });
    }
  },
  ALWAYS,
);

/** Those that need no more than to be named. */
const NAMES = KINDS.filter((kind) => kind !== 'aws-alb');

/** The `router` of a manifest: its keys, or the name of one. */
export const routerSchema = z.union([
  routerMapping,
  z
    .enum(NAMES, { error: `a router (kind and its keys), or one of ${NAMES.join(', ')}` })
    .describe('A router by its name.'),
]);

export type RouterFields = z.output<typeof routerMapping>;

/** Which router a manifest names, whatever else is wrong with it: it may be one that does not exist. */
export function readRouterKind(router: unknown): RouterSpec['kind'] {
  const kind = typeof router === 'object' && router !== null && 'kind' in router ? router.kind : router;
  return kind as RouterSpec['kind'];
}
