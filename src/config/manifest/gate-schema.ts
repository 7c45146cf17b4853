import { z } from 'zod';
import { ROLES } from '../../domain/access.ts';
import {
  DEFAULT_APPROVERS,
  DEFAULT_ASKED_EVERY_MS,
  DEFAULT_EXPIRY_MS,
  DEFAULT_FIRST_DAY,
  DEFAULT_GATED_VERBS,
  GATED_VERBS,
  GATE_ACTIONS,
  GATE_PHASES,
  MOST_APPROVALS,
  MOST_APPROVERS,
  MOST_ASKINGS,
  MOST_EXPIRY_MS,
  MOST_GATES,
  MOST_RULES,
  REASON_DEMANDS,
} from '../../domain/gates/gate.ts';
import { RULE_EXAMPLE, findRuleFaults, isDay } from '../../domain/gates/rule-text.ts';
import { MOST_STEPS, planRollout } from '../../domain/rollout/plan.ts';
import { REFERENCE, REFERENCE_WANTED } from '../../domain/secrets/reference.ts';
import { resolvePreset } from '../../domain/service/strategy-presets.ts';
import type { StrategySpec } from '../../domain/service/strategy.ts';
import { NAME } from '../../domain/service/service.ts';
import { formatDuration } from '../duration.ts';
import { timeZone } from '../experiment/time-field.ts';
import { ALWAYS, FIRST, duration, list, mapping, text, wholeNumber } from '../fields.ts';
import { type Refusal, refuse } from '../problems.ts';
import type { StrategyFields } from './strategy-schema.ts';

const SECOND = 1_000;
const DAY = 86_400_000;

/** A window that lasts longer than it takes to come again is better said by two rules. */
const MOST_LASTING_MS = 366 * DAY;

const APPROVER_WANTED =
  'a role (approver or admin), or whom it names, such as jwt:ada@example.com, jwt:*@example.com or group:sre';

const approver = text(APPROVER_WANTED).superRefine((value, context) => {
  const isIdle = (ROLES as readonly string[]).includes(value) && value !== 'approver' && value !== 'admin';
  if (isIdle) refuse(context, { wanted: `${APPROVER_WANTED}; the role ${value} may not approve` });
}, FIRST);

const approvalSchema = mapping({
  from: list(approver, { list: 'a list of roles and names', empty: 'one role or name at least' })
    .max(MOST_APPROVERS, { error: `${MOST_APPROVERS} roles and names at most` })
    .prefault([...DEFAULT_APPROVERS])
    .describe('Whose approval counts: roles, and patterns of names and groups; any of them will do.'),
  least: wholeNumber(1, MOST_APPROVALS).prefault(1).describe('How many different people have to approve.'),
  notRequester: z
    .boolean()
    .prefault(true)
    .describe('Whether the approval of whoever asked for the rollout does not count.'),
  reason: z.enum(REASON_DEMANDS).prefault('optional').describe('Whether whoever approves has to say why.'),
  temporalUi: z
    .boolean()
    .prefault(false)
    .describe('Whether yes and no count that are sent from the Temporal UI, under a name that nobody can prove.'),
}).superRefine(({ temporalUi, notRequester }: { temporalUi?: unknown; notRequester?: unknown }, context) => {
  if (temporalUi !== true || notRequester !== true) return;
  const wanted = 'false with temporalUi: true, since who sends something from there cannot be told from who asked';
  refuse(context, { path: ['notRequester'], wanted, found: 'true' });
}, ALWAYS);

const rule = text(`an RRULE of RFC 5545 without its name, such as ${RULE_EXAMPLE}`).superRefine((value, context) => {
  for (const wanted of findRuleFaults(value)) refuse(context, { wanted });
}, FIRST);

const ruleSchema = mapping({
  rule: rule.describe('When it begins, an RRULE of RFC 5545 without its name; at midnight unless it has BYHOUR.'),
  for: duration({ least: 60 * SECOND, most: MOST_LASTING_MS, words: 'from 1m to 366 days (8784h)' }).describe(
    'How long each lasts, in time as it passes: also where clocks are changed meanwhile.',
  ),
  starts: text('a day, in quotes, such as "2026-12-21"')
    .superRefine((value, context) => {
      if (!isDay(value)) refuse(context, { wanted: 'a day that there is, such as "2026-12-21"' });
    }, FIRST)
    .optional()
    .describe('The first day it may come, and what INTERVAL and COUNT count from.')
    .meta({ default: DEFAULT_FIRST_DAY }),
});

const rules = (key: string) =>
  list(ruleSchema, { list: 'a list of rules', empty: `one rule at least, or no ${key} key` })
    .max(MOST_RULES, { error: `${MOST_RULES} rules at most` })
    .optional();

const windowSchema = mapping({
  timeZone: timeZone().describe('In which the rules count, such as Europe/Berlin.'),
  allow: rules('allow').describe('When it is open; at any time where there are none.'),
  deny: rules('deny').describe('When it is closed, whatever is allowed.'),
}).superRefine(({ allow, deny }: { allow?: unknown; deny?: unknown }, context) => {
  if (allow === undefined && deny === undefined)
    refuse(context, { wanted: 'allow or deny, or both', found: 'neither' });
}, ALWAYS);

const LONGEST_URL = 2_000;
const URL_WANTED = `an address such as https://ci.example/gate, without credentials, of at most ${LONGEST_URL} characters`;

const webhookSchema = mapping({
  url: text(URL_WANTED, /^https?:\/\/\S+$/)
    .superRefine((value, context) => {
      const url = URL.parse(value);
      const isPlain = url !== null && url.username === '' && url.password === '';
      if (!isPlain || value.length > LONGEST_URL) refuse(context, { wanted: URL_WANTED });
    }, FIRST)
    .describe('What is asked, by POST, as workers reach it.'),
  secret: text(REFERENCE_WANTED, REFERENCE).describe(
    'Where the secret is that signs what is asked: whsec_ and base64.',
  ),
  every: duration({ least: 10 * SECOND, most: DAY, words: 'from 10s to 24h' })
    .prefault(formatDuration(DEFAULT_ASKED_EVERY_MS))
    .describe(`Between two askings; of which there may be ${MOST_ASKINGS} until the gate expires.`),
});

/** The kinds of gates, each with its keys. A new one is a line here. */
const KINDS = {
  approval: approvalSchema.optional().describe('Opens when enough people have approved the rollout.'),
  window: windowSchema.optional().describe('Open at certain times.'),
  webhook: webhookSchema
    .optional()
    .describe('Opens when somebody else’s program says so, which is asked again and again.'),
};
export const GATE_KEYS = Object.keys(KINDS) as (keyof typeof KINDS)[];

const step = z.union([wholeNumber(1, MOST_STEPS), z.literal('every')], {
  error: `a step from 1 to ${MOST_STEPS}, or every`,
});

const verbs = list(z.enum(GATED_VERBS), { list: 'a list of verbs', empty: 'one verb at least, or no verbs key' });

const gateSchema = mapping({
  name: text('a name of lower-case letters, digits and hyphens, at most 40, such as qa', NAME)
    .optional()
    .describe('What it is called, each name once; as its kind is unless told.'),
  before: z
    .enum(GATE_PHASES)
    .describe('What waits for it: the making of the stack, a move of traffic, or the point of no return.'),
  step: step
    .optional()
    .describe('Of before: shift alone: the step that waits, from 1 on, or every one of them.')
    .meta({ default: 1, $comment: `1 to ${MOST_STEPS}, or every` }),
  verbs: verbs
    .optional()
    .describe('What waits for it; a removal does so before anything is taken away, whatever `before` says.')
    .meta({ default: [...DEFAULT_GATED_VERBS] }),
  ...KINDS,
  expiresAfter: duration({ least: SECOND, most: MOST_EXPIRY_MS, words: 'from 1s to 14 days (336h)' })
    .prefault(formatDuration(DEFAULT_EXPIRY_MS))
    .describe('How long it is waited for.'),
  then: z
    .enum(GATE_ACTIONS)
    .prefault('rollback')
    .describe('What follows where it has not opened by then: everything is put back, or the rollout goes on.'),
}).meta({ oneOf: GATE_KEYS.map((key) => ({ required: [key] })) });

export type GateFields = z.output<typeof gateSchema>;

/** The `gates` of a manifest. */
export const gatesSchema = list(
  gateSchema.superRefine((gate, context) => {
    for (const refusal of findGateFaults(gate)) refuse(context, refusal);
  }, ALWAYS),
  { list: 'a list of gates', empty: 'one gate at least, or no gates key' },
)
  .max(MOST_GATES, { error: `${MOST_GATES} gates at most` })
  .meta({ $comment: `a list of at most ${MOST_GATES} gates` })
  .superRefine((gates, context) => {
    const seen = new Set<unknown>();
    for (const [index, gate] of readGates(gates).entries()) {
      const name = nameGateFields(gate);
      if (name !== undefined && seen.has(name)) {
        refuse(context, { path: [index, 'name'], wanted: 'a name of its own', found: `'${name}' a second time` });
      }
      seen.add(name);
    }
  }, ALWAYS);

/** Those that can be looked at, whatever is wrong with others. */
function readGates(gates: unknown): Partial<GateFields>[] {
  if (!Array.isArray(gates)) return [];
  return gates.map((gate: unknown) => (typeof gate === 'object' && gate !== null ? gate : {}));
}

/** As its kind where it says nothing. */
export function nameGateFields(gate: Partial<GateFields>): string | undefined {
  return gate.name ?? GATE_KEYS.find((key) => gate[key] !== undefined);
}

function findGateFaults(gate: Partial<GateFields>): Refusal[] {
  const given = GATE_KEYS.filter((key) => gate[key] !== undefined);
  const kinds = given.length === 0 ? 'nothing' : given.join(' and ');
  const askings = countAskings(gate);
  return [
    ...(askings === undefined || askings <= MOST_ASKINGS
      ? []
      : [
          {
            path: ['webhook', 'every'],
            wanted: `at most ${MOST_ASKINGS} askings until it expires: ask less often, or let it expire sooner`,
            found: `${askings}`,
          },
        ]),
    ...(given.length === 1 ? [] : [{ wanted: `one thing that it waits for: ${GATE_KEYS.join(', ')}`, found: kinds }]),
    ...(gate.step !== undefined && gate.before !== undefined && gate.before !== 'shift'
      ? [{ path: ['step'], wanted: 'it with before: shift only', found: `it with ${gate.before}` }]
      : []),
  ];
}

function countAskings({ webhook, expiresAfter }: Partial<GateFields>): number | undefined {
  const every: unknown = webhook?.every;
  return typeof every === 'number' && typeof expiresAfter === 'number' ? Math.ceil(expiresAfter / every) : undefined;
}

/** A gate before a step that no plan of this strategy has would never be met. */
export function findUnreachedGates({
  gates,
  strategy,
}: {
  gates?: unknown;
  strategy?: StrategyFields | undefined;
}): Refusal[] {
  const steps = countSteps(strategy);
  return readGates(gates).flatMap(({ step: wanted }, index) => {
    if (steps === undefined || typeof wanted !== 'number' || wanted <= steps) return [];
    const has = `${steps} step${steps === 1 ? '' : 's'}`;
    return [{ path: ['gates', index, 'step'], wanted: `a step of the strategy, which has ${has}`, found: `${wanted}` }];
  });
}

/** Undefined where the strategy is faulty itself, which is told already. */
function countSteps(strategy: StrategyFields | undefined): number | undefined {
  if (strategy === undefined) return undefined;
  try {
    if (typeof strategy === 'string') return planRollout(resolvePreset(strategy)).length;
    const { kind, steps = [], step: share, growth, cohort, inspection } = strategy;
    const listed = steps.map(({ weight }) => ({ weight, bakeMs: 0 }));
    const audiences = {
      ...(cohort ? { cohort: { bakeMs: 0 } } : {}),
      ...(inspection ? { inspection: { holdMs: 0, then: 'promote' } } : {}),
    };
    const times = { everyMs: 0, bakeMs: 0 };
    return planRollout({ kind, steps: listed, step: share, growth, ...audiences, ...times } as StrategySpec).length;
  } catch {
    return undefined;
  }
}
