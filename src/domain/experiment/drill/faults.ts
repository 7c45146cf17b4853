import type { JsonObject } from '../../json.ts';
import { formatServiceId, NAME, SERVICE_NAME } from '../../service/service.ts';
import type { ExperimentSpec } from '../experiment.ts';
import type { ExperimentFault } from '../schedule-faults.ts';
import type { CandidateSpec, DrillSpec } from './drill.ts';

/** Everything that is wrong with a drill by itself, and with what is described beside it. */
export function findDrillFaults(spec: ExperimentSpec, drill: DrillSpec): ExperimentFault[] {
  const { service, release, patch } = drill;
  const isNamed = SERVICE_NAME.test(service.name) && NAME.test(service.environment);
  return [
    ...faultIf(
      !isNamed,
      'drill.service',
      `expected NAME/ENVIRONMENT of a service, found '${formatServiceId(service)}'`,
    ),
    ...(release ? findCandidateFaults(release) : []),
    ...(patch ? findPatchFaults(patch) : []),
    ...findFaultsBeside(spec),
  ];
}

function findCandidateFaults({ artifact, patch, checks }: CandidateSpec): ExperimentFault[] {
  const isTwice = artifact !== undefined && patch !== undefined && 'artifact' in patch;
  return [
    ...faultIf(
      artifact === undefined && patch === undefined && checks === undefined,
      'drill.release',
      'expected artifact, patch or checks, found none of them: without a release, the live revision is tried',
    ),
    ...faultIf(
      isTwice,
      'drill.release.patch.artifact',
      'expected the artifact in one place, found it in release.artifact, too',
    ),
  ];
}

/** Were the artifacts to be the same, nothing would be tried. */
function findPatchFaults(patch: JsonObject): ExperimentFault[] {
  return faultIf(
    'artifact' in patch,
    'drill.patch.artifact',
    'expected blueprint.config alone, found artifact: the patch is for both releases, which differ in it; use release.artifact',
  );
}

/** A drill is one question, which its three stacks answer. */
function findFaultsBeside({ variants, compare, stay, addresses }: ExperimentSpec): ExperimentFault[] {
  return [
    ...faultIf(variants.length > 0, 'variants', `expected none beside drill, found ${variants.length}`),
    ...faultIf(
      compare !== undefined,
      'compare',
      'expected none beside drill, found one: its stacks are never there together',
    ),
    ...faultIf(
      stay === 'until-ttl',
      'stay',
      'expected until-probed beside drill, found until-ttl: a drill ends when its last stack has passed',
    ),
    ...faultIf(
      addresses !== undefined,
      'addresses',
      'expected none beside drill, found some: its stacks come and go one after the other',
    ),
  ];
}

function faultIf(isWrong: boolean, path: string, message: string): ExperimentFault[] {
  return isWrong ? [{ path, message }] : [];
}
