import type { Client } from '@temporalio/client';
import type { PreviewAnswer, PreviewClient } from '../../../contract/preview-client.ts';
import { ApiError } from '../../../contract/supplant-client.ts';
import { LONGEST_TTL_MS } from '../../../domain/experiment/experiment.ts';
import type { RunView } from '../../../domain/experiment/view.ts';
import type { PreviewKey } from '../../../domain/preview/name.ts';
import { PREVIEW_PORTS, type PortRange } from '../../../domain/preview/ports.ts';
import { type PreviewRequest, formatPreview, locatePreview, readPreview } from '../../../domain/preview/preview.ts';
import { type PreviewView, buildPreviewView } from '../../../domain/preview/view.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../../../domain/service/service.ts';
import type { ExperimentRecord, RunRecord } from '../../../store/experiments/stores.ts';
import type { Store } from '../../../store/store.ts';
import { TASK_QUEUE } from '../../../temporal/target.ts';
import { withApiErrors } from '../errors.ts';
import { makeChange } from '../experiments/changes.ts';
import { RunLooks, type RunPlace } from '../experiments/run-looks.ts';
import { ExperimentTemporal } from '../experiments/temporal.ts';
import { mapInOrder } from '../map-in-order.ts';
import { decideClosePreview, findPreview } from './close-preview.ts';
import { PortLostError, decideOpenPreview } from './open-preview.ts';

/** So many previews are looked at at a time for a list. */
const VIEWS_AT_ONCE = 16;

/** So many of its last runs are looked through for one that is over. */
const LAST_RUNS = 20;

/** How often another port is chosen where others take each that was. */
const CHOICES = 5;

export interface PreviewsOptions extends RunPlace {
  temporal: Client;
  openStore: () => Promise<Store>;
  /** How long a run may last at most, in milliseconds; {@link LONGEST_TTL_MS} unless told. */
  longestTtlMs?: number;
  /** From which a preview that asks for none gets its port; {@link PREVIEW_PORTS} unless told. */
  previewPorts?: PortRange;
  /** That of this installation unless told. */
  taskQueue?: string;
}

/** Previews over the record and Temporal. Keeps no state of its own. */
export class Previews implements PreviewClient {
  readonly #options: PreviewsOptions;
  readonly #temporal: ExperimentTemporal;
  readonly #runs: RunLooks;

  constructor(options: PreviewsOptions) {
    this.#options = options;
    this.#temporal = new ExperimentTemporal(options.temporal, options.taskQueue ?? TASK_QUEUE);
    this.#runs = new RunLooks(options.temporal, options);
  }

  open(request: PreviewRequest, change: RequestMeta): Promise<PreviewAnswer> {
    return withApiErrors(async () => {
      const { effect, port = 0, run, unchanged = false } = await this.#open(request, change, CHOICES);
      return { effect, unchanged, port, ...(run === undefined ? {} : { run }) };
    });
  }

  close(key: PreviewKey, change: RequestMeta): Promise<{ effect: string; unchanged: boolean }> {
    return withApiErrors(async () => {
      const store = await this.#options.openStore();
      const asked = { kind: 'close', branch: key.branch } as const;
      const decide = () => decideClosePreview(this.#parts(store), key, change);
      const { effect, unchanged = false } = await makeChange(store, locatePreview(key), asked, change, decide);
      return { effect, unchanged };
    });
  }

  view(key: PreviewKey): Promise<PreviewView> {
    return withApiErrors(async () => {
      const { experiments } = await this.#options.openStore();
      const record = await findPreview(experiments, key);
      if (record.deletedAt !== undefined) {
        throw new ApiError('NOT_FOUND', `the preview ${formatPreview(key)} was closed at ${record.deletedAt}`);
      }
      return this.#look(record, (run) => this.#runs.look(run));
    });
  }

  list(service?: ServiceKey): Promise<PreviewView[]> {
    return withApiErrors(async () => {
      const { experiments } = await this.#options.openStore();
      const records = (await experiments.experiments.list()).filter(({ spec }) => {
        const found = readPreview(spec);
        return found && (!service || formatServiceId(found.service) === formatServiceId(service));
      });
      return mapInOrder(records, VIEWS_AT_ONCE, (record) => this.#look(record, (run) => this.#runs.recorded(run)));
    });
  }

  async #open(request: PreviewRequest, change: RequestMeta, choices: number): ReturnType<typeof makeChange> {
    const store = await this.#options.openStore();
    const parts = { ...this.#parts(store), ports: this.#options.previewPorts ?? PREVIEW_PORTS };
    const asked = { kind: 'open', request } as const;
    const decide = () => decideOpenPreview(parts, request, change);
    try {
      return await makeChange(store, locatePreview(request), asked, change, decide);
    } catch (error) {
      if (!(error instanceof PortLostError)) throw error;
      if (choices > 1) return this.#open(request, change, choices - 1);
      throw new ApiError('UNAVAILABLE', `others take each port that is chosen: ${error.message}`, {
        suggestion: 'repeat the request, or name a port',
      });
    }
  }

  #parts(store: Store) {
    const limits = { longestTtlMs: this.#options.longestTtlMs ?? LONGEST_TTL_MS };
    return { store, temporal: this.#temporal, limits };
  }

  /** @param show how runs that go on are looked at: their workflows may be asked, or the record has to do */
  async #look({ spec }: ExperimentRecord, show: (run: RunRecord) => RunView | Promise<RunView>): Promise<PreviewView> {
    const { runs } = (await this.#options.openStore()).experiments;
    const [open, latest] = await Promise.all([
      runs.open(spec.experiment).then((found) => Promise.all(found.map(async (run) => show(run)))),
      runs.list(spec.experiment, { limit: LAST_RUNS }),
    ]);
    const last = latest.find(({ status }) => status.outcome !== undefined);
    return buildPreviewView(spec, open, last && this.#runs.recorded(last));
  }
}
