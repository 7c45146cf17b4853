import { z } from 'zod';
import {
  HOOK_DEFAULTS,
  HOOK_FAILURE_POLICIES,
  HOOK_KINDS,
  type HookSpec,
  MOST_HOOKS,
  MOST_SENDERS,
  isPastReturn,
} from '../../domain/hooks/hook.ts';
import { PHASES, type Phase } from '../../domain/rollout/rollout.ts';
import { REFERENCE, REFERENCE_WANTED } from '../../domain/secrets/reference.ts';
import { NAME } from '../../domain/service/service.ts';
import { formatDuration } from '../duration.ts';
import { describeValue } from '../fault.ts';
import { ALWAYS, FIRST, duration, list, mapping, text } from '../fields.ts';
import { type Refusal, refuse } from '../problems.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const A_MINUTE = { least: 10, most: MINUTE, words: 'from 10ms to 1m' };
const A_DAY = { least: 10, most: DAY, words: 'from 10ms to 24h' };
const LONGEST_URL = 2_000;
const URL_WANTED = `an address such as https://hooks.example/smoke, without credentials, of at most ${LONGEST_URL} characters`;

/** Where a webhook is called. */
export function hookUrl() {
  return text(URL_WANTED, /^https?:\/\/\S+$/).superRefine((address, context) => {
    const url = URL.parse(address);
    if (url?.username !== '' || url.password !== '' || address.length > LONGEST_URL)
      refuse(context, { wanted: URL_WANTED });
  }, FIRST);
}

/** Where the secret is that signs webhooks. */
export function signingSecret() {
  return text(REFERENCE_WANTED, REFERENCE);
}

/** Nothing is known of hooks before a rollout is on record, which `plan` does. */
const BEFORE = PHASES.filter((phase): phase is Exclude<Phase, 'plan'> => phase !== 'plan');

const hookSchema = mapping({
  name: text('a name of lower-case letters, digits and hyphens, at most 40, such as smoke', NAME).describe(
    'What it is called; each name once.',
  ),
  before: z.enum(BEFORE).optional().describe('The phase before which it is called.'),
  after: z.enum(PHASES).optional().describe('The phase after which it is called.'),
  url: hookUrl().describe('What is called, by POST, as workers reach it.'),
  secret: signingSecret().describe('Where the secret is that signs calls: whsec_ and base64.'),
  timeout: duration(A_MINUTE).prefault(formatDuration(HOOK_DEFAULTS.timeoutMs)).describe('How long one call may take.'),
  waitFor: duration(A_DAY)
    .prefault(formatDuration(HOOK_DEFAULTS.waitForMs))
    .describe('How long the rollout waits, from the first call on, for an answer other than in-progress.'),
  onFailure: z
    .enum(HOOK_FAILURE_POLICIES)
    .optional()
    .describe(
      'What follows where it fails: the rollout is put back, or goes on. After settle nothing is put back, so that there it is ignore.',
    )
    .meta({ default: 'rollback' }),
  kinds: list(z.enum(HOOK_KINDS), { list: 'a list of deploy and rollback', empty: 'deploy, rollback or both' })
    .prefault(['deploy'])
    .describe('In which rollouts it is called. A rollback does not wait for what it says.'),
}).meta({ oneOf: [{ required: ['before'] }, { required: ['after'] }] });

export type HookFields = z.output<typeof hookSchema>;

/** The `hooks` of a manifest. */
export const hooksSchema = list(
  hookSchema.superRefine((hook, context) => {
    for (const refusal of findHookFaults(hook)) refuse(context, refusal);
  }, ALWAYS),
  { list: 'a list of hooks', empty: 'one hook at least, or no hooks key' },
)
  .max(MOST_HOOKS, { error: `${MOST_HOOKS} hooks at most` })
  .meta({ $comment: `a list of at most ${MOST_HOOKS} hooks` })
  .superRefine(refuseSameNames, ALWAYS);

const senderSchema = mapping({
  name: text('a name of lower-case letters, digits and hyphens, at most 40, such as alerts', NAME).describe(
    'Who sends messages; each name once. Part of the address, and of who asks on record.',
  ),
  secret: signingSecret().describe('Where the secret is that messages are signed with, as gateways reach it.'),
});

/** The `rollbackOn` of a manifest. */
export const rollbackOnSchema = mapping({
  webhooks: list(senderSchema, { list: 'a list of names and secrets', empty: 'one at least' })
    .max(MOST_SENDERS, { error: `${MOST_SENDERS} at most` })
    .meta({ $comment: `a list of at most ${MOST_SENDERS}` })
    .superRefine(refuseSameNames, ALWAYS)
    .describe('Monitoring systems whose signed messages end a deployment that is under way.'),
});

function refuseSameNames(named: unknown, context: z.RefinementCtx): void {
  if (!Array.isArray(named)) return;
  const seen = new Set<unknown>();
  for (const [index, { name }] of (named as ({ name?: unknown } | null)[]).map((each) => each ?? {}).entries()) {
    if (name !== undefined && seen.has(name)) {
      refuse(context, {
        path: [index, 'name'],
        wanted: 'a name of its own',
        found: `${describeValue(name)} a second time`,
      });
    }
    seen.add(name);
  }
}

function findHookFaults({ before, after, onFailure, kinds }: Partial<HookFields>): Refusal[] {
  const faults: Refusal[] = [];
  const given = [before, after].filter((phase) => phase !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? 'nothing' : 'before and after';
    faults.push({ wanted: 'before or after, and a phase', found });
  }
  if (onFailure === 'rollback' && isAfterReturn(before, after)) {
    const wanted = 'ignore: the revision is live by then, and nothing is put back';
    faults.push({ path: ['onFailure'], wanted, found: "'rollback'" });
  }
  if (Array.isArray(kinds) && new Set(kinds).size < kinds.length) {
    faults.push({ path: ['kinds'], wanted: 'each kind once', found: kinds.join(', ') });
  }
  return faults;
}

function isAfterReturn(before: Phase | undefined, after: Phase | undefined): boolean {
  return (
    (before !== undefined && isPastReturn({ moment: 'before', phase: before })) ||
    (after !== undefined && isPastReturn({ moment: 'after', phase: after }))
  );
}

export function buildHook({ before, after, timeout, waitFor, onFailure, ...hook }: HookFields): HookSpec {
  const point =
    before === undefined
      ? ({ moment: 'after', phase: after ?? 'plan' } as const)
      : ({ moment: 'before', phase: before } as const);
  const usual = isPastReturn(point) ? 'ignore' : 'rollback';
  const { name, url, secret, kinds } = hook;
  return { name, ...point, url, secret, timeoutMs: timeout, waitForMs: waitFor, onFailure: onFailure ?? usual, kinds };
}

export function buildHookFields({ moment, phase, timeoutMs, waitForMs, ...hook }: HookSpec): HookFields {
  const { name, url, secret, onFailure, kinds } = hook;
  const point = moment === 'before' ? { before: phase as Exclude<Phase, 'plan'> } : { after: phase };
  return { name, ...point, url, secret, timeout: timeoutMs, waitFor: waitForMs, onFailure, kinds };
}
