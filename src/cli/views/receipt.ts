import { describeOutline } from '../../domain/rollout/exposure.ts';
import type { Receipt } from '../../domain/service/requests.ts';
import type { RolloutKind } from '../../domain/rollout/rollout.ts';
import { describeRollbackSafety } from '../../domain/rollback/safety.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { type Line, line, span, wrapSentence } from './text.ts';
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
function describeWayBack({ rollback, way }: Receipt): string[] {
  const how = way?.isAtOnce ? 'Goes back at once' : 'Takes all steps';
  return [
    ...(way ? [`${how}: ${way.because}.`] : []),
    ...(rollback ? [`${describeRollbackSafety(rollback).replace(/^r/, 'R')}.`] : []),
  ];
}

/** How traffic will move, and what that comes to. */
function describePlan({ plan }: Receipt): string[] {
  return plan ? describeOutline(plan).map((text) => `${text}.`) : [];
}

/** What would be done, of a request that was only tried. */
export function renderDryRun(receipt: Receipt, kind: RolloutKind, width: number): Line[] {
  const { revision, rollout, settings } = receipt;
  const service = formatServiceId(receipt.service);
  if (receipt.unchanged || settings)
    return [...renderReceipt(receipt, kind, width), line('It was not asked for: this is a dry run.')];
  if (rollout > 0) return [line(`${service}: rollout #${rollout} does so already. Nothing was started.`)];
  const what = revision === undefined ? '' : `, with ${formatRevisionName(revision)}`;
  const told = [...describeQueueEffects(receipt, kind), ...describePlan(receipt), ...describeWayBack(receipt)];
  return [
    line(`${service}: it would be done${what}. Nothing was started.`),
    ...told.flatMap((text) => wrapSentence(text, width, { indent: '  ' })),
  ];
}

/** What was asked for, and what becomes of it. */
export function renderReceipt(receipt: Receipt, kind: RolloutKind, width: number): Line[] {
  const service = formatServiceId(receipt.service);
  if (receipt.settings) {
    return [
      line(`${service}: no new revision is needed.`),
      ...receipt.settings.flatMap(({ setting, from, to, effect }) =>
        wrapSentence(`${setting} ${from} → ${to}: ${effect}`, width, { indent: '  ' }),
      ),
    ];
  }
  if (receipt.unchanged) {
    const live = receipt.revision === undefined ? '' : ` (${formatRevisionName(receipt.revision)})`;
    return [line(`${service} is so already${live}; nothing to do.`)];
  }
  const revision = receipt.revision === undefined ? '' : `, ${formatRevisionName(receipt.revision)}`;
  const way = describeQueueEffects(receipt, kind);
  return [
    line(`Rollout #${receipt.rollout} of ${service}${revision} is ${way.length === 0 ? 'started' : 'accepted'}.`),
    ...[...way, ...describePlan(receipt), ...describeWayBack(receipt)].flatMap((text) =>
      wrapSentence(text, width, { indent: '  ' }),
    ),
    line('Look at it: ', span(`supplant watch ${service}`, 'accent')),
  ];
}
