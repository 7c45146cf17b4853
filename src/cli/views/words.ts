import { PHASES } from '../../domain/rollout.ts';
import type { RolloutKind } from '../../domain/rollout.ts';
import { revisionName } from '../../domain/revision.ts';
import type { RolloutStatus } from '../../domain/status.ts';

/** `deploy of r17`, `rollback to r16`, `removal`. */
export function aim(of: { kind: RolloutKind; revision?: number }): string {
  const target = of.revision === undefined ? '' : revisionName(of.revision);
  switch (of.kind) {
    case 'deploy':
      return target === '' ? 'deploy' : `deploy of ${target}`;
    case 'rollback':
      return target === '' ? 'rollback' : `rollback to ${target}`;
    case 'remove':
      return 'removal';
  }
}

/** Where a running rollout is: `4 of 7: shift`; with `paused` where it is. */
export function position(rollout: RolloutStatus): string {
  const place = `${PHASES.indexOf(rollout.phase) + 1} of ${PHASES.length}: ${rollout.phase}`;
  return rollout.paused ? `${place}, paused` : place;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** An artifact as people read it: digests cut to what tells them apart. */
export function artifactLabel(artifact: string): string {
  return artifact.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/, '$1');
}
