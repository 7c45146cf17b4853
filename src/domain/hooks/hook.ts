import type { Phase, RolloutKind } from '../rollout/rollout.ts';
import { computeFingerprint } from '../fingerprint.ts';

/** When a hook is called: before a phase, or after it. */
export type HookMoment = 'before' | 'after';

/** A webhook that a rollout calls, as a manifest describes it. */
export interface HookSpec {
  /** Each name once in a service. */
  name: string;
  moment: HookMoment;
  phase: Phase;
  url: string;
  /** Where the secret is that signs calls, as a reference: `env:HOOK_SECRET`. */
  secret: string;
  /** How long one call may take, in milliseconds. */
  timeoutMs: number;
  /** How long the rollout waits for an answer that is one, in milliseconds. */
  waitForMs: number;
  onFailure: HookFailurePolicy;
  /** Of which rollouts it is called. */
  kinds: HookKind[];
}

/** What follows where a hook fails: the rollout is put back, or it goes on. */
export const HOOK_FAILURE_POLICIES = ['rollback', 'ignore'] as const;
export type HookFailurePolicy = (typeof HOOK_FAILURE_POLICIES)[number];

/** A removal has no hooks: it brings nothing in that they could say anything of. */
export const HOOK_KINDS = ['deploy', 'rollback'] as const satisfies RolloutKind[];
export type HookKind = (typeof HOOK_KINDS)[number];

/** What of a hook its rollout's workflow has to know. The rest is read by what calls it. */
export type HookRef = Pick<HookSpec, 'name' | 'moment' | 'phase' | 'timeoutMs' | 'waitForMs' | 'onFailure'>;

/** How many a service has at most: each may make a rollout wait. */
export const MOST_HOOKS = 10;

/** One call, and all of them. The first is what Flagger gives a webhook; the second keeps a forgotten one from holding a second stack for long. */
export const HOOK_DEFAULTS = { timeoutMs: 10_000, waitForMs: 5 * 60_000 } as const;

/** How long what is only told may take in all, in milliseconds. It runs beside the rollout, whose end waits for it. */
export const TOLD_LIMIT_MS = 5_000;

/** Whether a rollout waits for its answer. */
export type HookRole = 'asked' | 'told';

/**
 * Whether a rollout waits for a hook's answer. A rollback is what people reach for when it burns, and what has settled is not
 * put back: there a hook is told, and the rollout goes on meanwhile.
 */
export function readHookRole(kind: RolloutKind, { moment, phase }: Pick<HookRef, 'moment' | 'phase'>): HookRole {
  return kind === 'deploy' && !isPastReturn({ moment, phase }) ? 'asked' : 'told';
}

/** From there on the revision is live. */
export function isPastReturn({ moment, phase }: Pick<HookRef, 'moment' | 'phase'>): boolean {
  return phase === 'teardown' || (phase === 'settle' && moment === 'after');
}

/** `before shift`. */
export function formatHookPoint({ moment, phase }: Pick<HookRef, 'moment' | 'phase'>): string {
  return `${moment} ${phase}`;
}

/** The hooks of a rollout of that kind. */
export function pickHooks(hooks: readonly HookSpec[] | undefined, kind: RolloutKind): HookRef[] {
  return (hooks ?? [])
    .filter(({ kinds }) => (kinds as RolloutKind[]).includes(kind))
    .map(({ name, moment, phase, timeoutMs, waitForMs, onFailure }) => {
      return { name, moment, phase, timeoutMs, waitForMs, onFailure };
    });
}

/** As much of a list as a service's state carries: how many there are, and what tells them from others. */
export interface HooksDigest {
  count: number;
  digest: string;
}

export function digestHooks(hooks: readonly object[]): HooksDigest {
  return { count: hooks.length, digest: computeFingerprint(hooks) };
}

/** Who may demand by a signed message that a service goes back: a monitoring system. */
export interface WebhookSender {
  /** Each name once in a service; part of the address that messages are sent to, and of who asks on record. */
  name: string;
  /** Where the secret is that messages are signed with, as a reference that gateways can read. */
  secret: string;
}

/** How many a service has at most. */
export const MOST_SENDERS = 5;
