import { type ExperimentKey, formatExperimentId } from '../../../domain/experiment/experiment.ts';
import type { ExperimentFault } from '../../../domain/experiment/faults.ts';
import type { ExperimentSpec } from '../../../domain/experiment/experiment.ts';
import { formatRunName } from '../../../domain/experiment/run.ts';
import { type PortHolder, listPortsOf, listPortsOfService } from '../../../domain/preview/ports.ts';
import type { RunRecord } from '../../../store/experiments/stores.ts';
import type { Store } from '../../../store/store.ts';

type Record = Pick<Store, 'catalogue' | 'experiments'>;

/** Who has ports of the router by the record, apart from one experiment: services, experiments, and runs that still end. */
export async function listPortHolders(
  { catalogue, experiments }: Record,
  except: ExperimentKey,
): Promise<PortHolder[]> {
  const [services, described, open] = await Promise.all([
    catalogue.services(),
    experiments.experiments.list(),
    experiments.runs.open(),
  ]);
  const own = formatExperimentId(except);
  const isOther = (key: ExperimentKey): boolean => formatExperimentId(key) !== own;
  const busy = new Set(open.map(({ status }) => formatExperimentId(status.experiment)));
  return [
    ...services.flatMap(({ spec }) => listPortsOfService(spec)),
    ...described
      .filter(({ spec }) => isOther(spec.experiment))
      // One without a run is only just being opened.
      .flatMap(({ spec, lastRun }) =>
        listPortsOf(spec, { isIdle: lastRun > 0 && !busy.has(formatExperimentId(spec.experiment)) }),
      ),
    ...open.filter(({ status }) => isOther(status.experiment)).flatMap(listPortsOfRun),
  ];
}

function listPortsOfRun({ status, plan }: RunRecord): PortHolder[] {
  return Object.entries(plan?.addresses ?? {}).map(([variant, port]) => ({
    port,
    who: `variant ${variant} of ${formatRunName(status)}`,
  }));
}

/** The addresses of an experiment that are somebody else's, each with whose it is. */
export async function findPortFaults(
  record: Record,
  { addresses = {}, experiment }: ExperimentSpec,
): Promise<ExperimentFault[]> {
  const entries = Object.entries(addresses);
  if (entries.length === 0) return [];
  const holders = (await listPortHolders(record, experiment)).filter(({ isIdle }) => !isIdle);
  return entries.flatMap(([variant, port]) => {
    const holder = holders.find((each) => each.port === port);
    return holder ? [{ path: `addresses.${variant}`, message: describeTaken(port, holder) }] : [];
  });
}

export function describeTaken(port: number, { who }: PortHolder): string {
  return `expected a port that nobody has, found ${port}, which is that of ${who}`;
}
