import { formatArtifactLabel } from '../../service/revision.ts';
import { formatServiceId } from '../../service/service.ts';
import type { DrillSpec } from './drill.ts';

/** `rollback of web/production from npm:http-server@14.1.1 to what is live, with a patch`. */
export function describeDrill({ service, release, patch }: DrillSpec): string {
  const id = formatServiceId(service);
  const way = release ? `from ${describeRelease(release)} to what is live` : 'from what is live to what was before';
  return `rollback of ${id} ${way}${patch ? ', both with a patch' : ''}`;
}

function describeRelease({ artifact }: NonNullable<DrillSpec['release']>): string {
  return artifact === undefined ? 'a release that is described by a patch' : formatArtifactLabel(artifact);
}
