import { activityInfo } from '@temporalio/activity';
import { type BakeCounts, type RequestCounts, readRequestCounts } from '../domain/evidence/bake-counts.ts';
import type { RolloutRef } from '../domain/service/requests.ts';
import { formatStackName } from '../domain/service/revision.ts';
import type { RouterSpec } from '../domain/service/service.ts';
import type { TargetObservation } from '../domain/traffic/route.ts';
import type { StackDriver, StackSummary } from '../stacks/driver.ts';
import type { RouteViews } from '../routing/router.ts';
import { leftUntil } from './attempt-clock.ts';
import type { BakeCounter } from './bake-looks.ts';

/** What is counted. */
interface Counted {
  ref: Pick<RolloutRef, 'service'>;
  router: RouterSpec;
  subject: { revision: number };
  /** What the router had counted when the revision got its traffic. */
  before?: RequestCounts;
  /** When the bake began, ISO 8601. */
  since?: string;
}

/** Counts what routers and stacks see of a revision. */
export function createBakeCounter(
  routers: RouteViews,
  stacks: Pick<StackDriver, 'list'>,
  { ref: { service }, router: spec, subject: { revision }, before, since }: Counted,
): BakeCounter {
  const listProcesses = async (): Promise<Processes> => {
    const name = { project: service.environment, stack: formatStackName(service, revision) };
    const [stack] = await stacks.list(name);
    return stack?.processes ?? [];
  };

  return {
    async now() {
      const router = await routers.of(spec);
      const [observed, processes] = await Promise.all([router.observe(service), listProcesses()]);
      const target = observed?.targets.find((each) => each.revision === revision);
      return {
        ...(target ? countsOf(target) : {}),
        ...(observed?.changedByOthers === undefined ? {} : { changedByOthers: observed.changedByOthers }),
        ...countRestarts(processes),
      };
    },

    /** Of the requests that is in the task, of the processes it is found out. */
    async begin() {
      const processes = await listProcesses();
      const { restarts } = countRestarts(processes);
      const isFirst = activityInfo().attempt === 1 || since === undefined;
      const ended = isFirst ? [] : processes.filter((each) => hasEndedSince(each, since));
      return {
        ...(before ? { requests: before } : {}),
        ...(restarts === undefined ? {} : { restarts: restarts - ended.length }),
      };
    },
  };
}

type Processes = NonNullable<StackSummary['processes']>;

function countRestarts(processes: Processes): Pick<BakeCounts, 'restarts' | 'lastEnd'> {
  const ends = processes.flatMap(({ lastEnd }) => lastEnd ?? []).sort((one, other) => (one.at < other.at ? 1 : -1));
  return {
    ...(processes.length === 0 ? {} : { restarts: processes.reduce((sum, { restarts }) => sum + restarts, 0) }),
    // Without what it printed last: that may quote what nobody should keep.
    ...(ends[0] ? { lastEnd: ends[0].how.split(/[;\n]/)[0] ?? '' } : {}),
  };
}

/** Its ends are told by this machine's clock, and the other moment by Temporal's: what is compared is how long ago each was. */
function hasEndedSince({ lastEnd, restarts }: Processes[number], moment: string): boolean {
  if (!lastEnd || restarts === 0) return false;
  return Date.now() - Date.parse(lastEnd.at) <= -leftUntil(moment);
}

function countsOf(target: TargetObservation): Pick<BakeCounts, 'requests' | 'isUncounted'> {
  const requests = readRequestCounts(target);
  return requests ? { requests } : { isUncounted: true };
}
