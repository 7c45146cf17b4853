import { describeOutline } from '../../domain/rollout/exposure.ts';
import type { Receipt } from '../../domain/service/requests.ts';
import type { RolloutKind } from '../../domain/rollout/rollout.ts';
import { describeRollbackSafety } from '../../domain/rollback/safety.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { type Line, wrapSentence } from './text.ts';
import { plural } from './words.ts';

/** What becomes of the rollouts that run or wait already, for one that was asked for. Nothing where there are none. */
export function describeQueueEffects(
  { queuedBehind, ends, drops = [], revision }: Receipt,
  kind: RolloutKind,
): string[] {
  const isRollback = kind === 'rollback';
  const target = revision === undefined ? '' : formatRevisionName(revision);
  const goal = target === '' ? 'begins' : `${isRollback ? 'goes back to' : 'deploys'} ${target}`;
  const names = drops.map((number) => `#${number}`).join(', ');
  const why = isRollback ? 'asked for before this rollback, which they would undo' : 'superseded';
  return [
    ...(queuedBehind > 0 ? [`Waits behind ${plural(queuedBehind, 'rollout')}.`] : []),
    ...(ends === undefined ? [] : [`Ends rollout #${ends} at its next safe point, then ${goal}.`]),
    ...(drops.length === 0 ? [] : [`Takes ${names} out of the queue: ${why}.`]),
  ];
}

/** A warning, whose text has no full stop. */
export function renderWarning(text: string, width: number): Line[] {
  return wrapSentence(`Warning: ${text}.`, width, { tone: 'bad' });
}

/** How a rollback gets to where it leads, and what is known of going back from a release, where that is told. */
export function describeWayBack({ rollback, way }: Receipt): string[] {
  const how = way?.isAtOnce ? 'Goes back at once' : 'Takes all steps';
  return [
    ...(way ? [`${how}: ${way.because}.`] : []),
    ...(rollback ? [`${describeRollbackSafety(rollback).replace(/^r/, 'R')}.`] : []),
  ];
}

/** How traffic will move, and what that comes to. */
export function describePlan({ plan }: Receipt): string[] {
  return plan ? describeOutline(plan).map((text) => `${text}.`) : [];
}
