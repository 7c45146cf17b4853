import { createHash } from 'node:crypto';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { formatRevisionName } from '../../domain/service/revision.ts';

/** A target group and its weight in a rule. */
export interface GroupWeight {
  group: string;
  weight: number;
}

/**
 * What a rule does with requests: forwards them to target groups by weight, answers them itself, or something else that
 * Supplant never writes.
 */
export type Forwarding =
  | { kind: 'groups'; groups: GroupWeight[]; stickySeconds?: number }
  | { kind: 'answer'; text: string }
  | { kind: 'other'; words: string };

/** Reads a rule's actions. Authentication before the last one is left alone and not looked at. */
export function readForwarding(actions: readonly Action[]): Forwarding {
  const action = actions.at(-1);
  const { Type, TargetGroupArn, ForwardConfig, FixedResponseConfig } = action ?? {};
  if (Type === 'fixed-response' && FixedResponseConfig?.StatusCode === '503') {
    return { kind: 'answer', text: FixedResponseConfig.MessageBody ?? '' };
  }
  if (Type !== 'forward') return { kind: 'other', words: Type ?? 'nothing' };
  const tuples = ForwardConfig?.TargetGroups ?? [];
  const groups =
    tuples.length > 0
      ? tuples.map(({ TargetGroupArn: group = '', Weight }) => ({ group, weight: Weight ?? 1 }))
      : [{ group: TargetGroupArn ?? '', weight: 1 }];
  const { Enabled, DurationSeconds } = ForwardConfig?.TargetGroupStickinessConfig ?? {};
  return {
    kind: 'groups',
    groups,
    ...(Enabled && DurationSeconds !== undefined ? { stickySeconds: DurationSeconds } : {}),
  };
}

/** The action that does this. */
export function writeForwarding(forwarding: Exclude<Forwarding, { kind: 'other' }>): Action {
  if (forwarding.kind === 'answer') {
    const response = { StatusCode: '503', ContentType: 'text/plain', MessageBody: forwarding.text };
    return { Type: 'fixed-response', FixedResponseConfig: response };
  }
  const { groups, stickySeconds } = forwarding;
  const stickiness = stickySeconds === undefined ? {} : { DurationSeconds: stickySeconds };
  return {
    Type: 'forward',
    ForwardConfig: {
      TargetGroups: groups.map(({ group, weight }) => ({ TargetGroupArn: group, Weight: weight })),
      TargetGroupStickinessConfig: { Enabled: stickySeconds !== undefined, ...stickiness },
    },
  };
}

/** Which target group is which revision's. */
export type GroupNames = ReadonlyMap<string, number>;

/**
 * What a rule does, in words short enough for a tag, alike only where it does the same: `r1=90 r2=10`. A group that is
 * nobody's revision is called by its name. The order of groups means nothing.
 */
export function formatForwarding(forwarding: Forwarding, names: GroupNames): string {
  switch (forwarding.kind) {
    case 'answer':
      return `answers 503 ${createHash('sha256').update(forwarding.text).digest('hex').slice(0, 12)}`;
    case 'other':
      return forwarding.words;
    case 'groups': {
      const words = forwarding.groups.map(({ group, weight }) => `${formatGroup(group, names)}=${weight}`);
      const sticky = forwarding.stickySeconds === undefined ? [] : [`sticky ${forwarding.stickySeconds}s`];
      return [...words.toSorted(), ...sticky].join(' ');
    }
  }
}

/** `r2`, or the name within the ARN: `arn:…:targetgroup/web-blue/73e2…` is `web-blue`. */
export function formatGroup(group: string, names: GroupNames): string {
  const revision = names.get(group);
  return revision === undefined ? (group.split('/')[1] ?? group) : formatRevisionName(revision);
}
