import { createHash } from 'node:crypto';
import type { PlanGuard } from './blueprint.ts';
import type { PlanStep, PlanSummary, StackPlan } from './driver.ts';

/** Operations after which a resource, as it is now, is there no more. `discard` only forgets it, and so loses it. */
const LOSING = new Set(['delete', 'delete-replaced', 'discard', 'discard-replaced', 'replace', 'create-replacement']);
/** Steps beside a resource's own that a replacement consists of; the deletion of one that goes is none of the stack's any more. */
const GONE = new Set(['delete', 'delete-replaced', 'discard', 'discard-replaced', 'replace', 'remove-pending-replace']);

/** What is wrong with a plan: every resource by its name, and none twice. */
export function findPlanFaults({ steps }: Pick<StackPlan, 'steps'>, guard: PlanGuard): string[] {
  const stateful = new Set(guard.stateful);
  const lost = steps.filter(({ op, type, isProtected }) => LOSING.has(op) && (isProtected || stateful.has(type)));
  const faults = lost.map(({ op, urn, type, isProtected }) => {
    const does = op === 'delete' || op === 'discard' ? `would ${op}` : 'would replace';
    return `it ${does} ${readResourceName(urn)} (${type}), which is ${isProtected ? 'protected' : 'marked stateful'}`;
  });
  const count = countResources(steps);
  const most = guard.maxResources ?? Number.POSITIVE_INFINITY;
  if (count > most)
    faults.push(`the stack would have ${count} resources, more than the ${most} that the blueprint allows`);
  return [...new Set(faults)];
}

export function summarizePlan(plan: Pick<StackPlan, 'steps'>, { estimateCost }: PlanGuard): PlanSummary {
  const types: PlanSummary['types'] = {};
  for (const { op, type } of plan.steps) {
    const counts = (types[type] ??= {});
    counts[op] = (counts[op] ?? 0) + 1;
  }
  const counted = { resources: countResources(plan.steps), types };
  const cost = estimateCost?.(counted);
  return { digest: computePlanDigest(plan), ...counted, ...(cost ? { cost } : {}) };
}

/** The same for two plans that do the same with the same resources, in whatever order. SHA-256 in hex. */
export function computePlanDigest({ steps }: Pick<StackPlan, 'steps'>): string {
  const lines = new Set(steps.map(({ op, urn }) => `${op} ${urn}\n`));
  return createHash('sha256')
    .update([...lines].sort().join(''))
    .digest('hex');
}

/** `p1` of `urn:pulumi:web-production-r1::production::local-process:index:Process::p1`. */
export function readResourceName(urn: string): string {
  return urn.split('::').at(-1) ?? urn;
}

function countResources(steps: readonly PlanStep[]): number {
  return new Set(steps.filter(({ op }) => !GONE.has(op)).map(({ urn }) => urn)).size;
}
