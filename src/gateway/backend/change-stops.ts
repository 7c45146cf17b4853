import type { Client } from '@temporalio/client';
import type { ChangeStopClient } from '../../contract/change-stop-client.ts';
import { ApiError } from '../../contract/supplant-client.ts';
import { heedsStops } from '../../domain/gates/gate.ts';
import { type ChangeStop, describeScope, describeStop, findStop } from '../../domain/gates/stop.ts';
import type { JsonObject } from '../../domain/json.ts';
import { type Receipt, type RequestMeta, workflowIds } from '../../domain/service/requests.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import { AuditConflictError } from '../../store/audit/store.ts';
import type { Store } from '../../store/store.ts';
import { stopsChangedSignal } from '../../workflows/shared/messages.ts';
import { withApiErrors } from './errors.ts';
import { mapInOrder } from './map-in-order.ts';

type StopStores = Pick<Store, 'audit' | 'stops' | 'catalogue'>;

/** In the audit log. */
const SUBJECT = 'change-stops';

/** So many rollouts are told at a time. */
const TOLD_AT_ONCE = 16;

/** How long Temporal may take to take the messages, in milliseconds: whoever is not told looks by itself. */
const TELL_MS = 3_000;

/** Stops of changes, as a gateway sets and lifts them. */
export class ChangeStops implements ChangeStopClient {
  readonly #temporal: Client;
  readonly #store: () => Promise<StopStores>;

  constructor(temporal: Client, store: () => Promise<StopStores>) {
    this.#temporal = temporal;
    this.#store = store;
  }

  list(): Promise<ChangeStop[]> {
    return withApiErrors(async () => {
      const stops = await (await this.#store()).stops.list();
      return stops.filter((stop) => !isOver(stop));
    });
  }

  set(scope: Pick<ChangeStop, 'environment' | 'until'>, change: RequestMeta): Promise<string> {
    return withApiErrors(async () => {
      const { actor, reason } = change;
      if (reason === undefined) throw new ApiError('INVALID', 'reason: expected why changes are stopped');
      const stores = await this.#store();
      const stop: ChangeStop = { ...scope, actor, reason, since: new Date().toISOString() };
      const end = stop.until === undefined ? 'until it is lifted' : `until ${stop.until}`;
      const effect = `deployments in ${describeScope(stop)} wait ${end}; rollbacks, aborts and removals go on`;
      if (change.dryRun) return effect;
      await record(stores, 'change-stop.set', change, { ...scope });
      await stores.stops.set(stop);
      await this.#tell(stores, scope);
      return effect;
    });
  }

  lift(scope: Pick<ChangeStop, 'environment'>, change: RequestMeta): Promise<string> {
    return withApiErrors(async () => {
      const stores = await this.#store();
      const stop = (await stores.stops.list()).find(({ environment }) => environment === scope.environment);
      if (!stop) {
        if (await isRecorded(stores, 'change-stop.lifted', change)) return describeLift(scope, []);
        throw notFound(scope, await this.list());
      }
      const others = (await this.list()).filter(({ environment }) => environment !== scope.environment);
      if (change.dryRun) return describeLift(scope, others);
      const { actor, reason, since } = stop;
      await record(stores, 'change-stop.lifted', change, { ...scope, setBy: actor, since, setReason: reason });
      await stores.stops.lift({ ...scope, since });
      await this.#tell(stores, scope);
      return describeLift(scope, others);
    });
  }

  /** The receipt of a deployment, with a warning where changes are stopped. Nothing is refused by it. */
  async warn(receipt: Receipt): Promise<Receipt> {
    const { service, revision, unchanged, warnings = [] } = receipt;
    if (revision === undefined || unchanged) return receipt;
    try {
      const stop = findStop(await (await this.#store()).stops.list(), service, Date.now());
      if (!stop) return receipt;
      const end = stop.until ?? 'it is lifted';
      return { ...receipt, warnings: [...warnings, `${describeStop(stop)}; its rollout waits until ${end}`] };
    } catch {
      return receipt;
    }
  }

  /** The rollouts that wait look at once; the others do nothing. Nothing depends on it. */
  async #tell({ catalogue }: StopStores, { environment }: Pick<ChangeStop, 'environment'>): Promise<void> {
    const { connection, workflow } = this.#temporal;
    const running = (await catalogue.overview()).flatMap(({ spec: { service }, running: rollout }) =>
      rollout && heedsStops(rollout.kind) && (environment ?? service.environment) === service.environment
        ? [{ service, number: rollout.number }]
        : [],
    );
    const tell = ({ service, number }: { service: ServiceKey; number: number }): Promise<void> =>
      workflow
        .getHandle(workflowIds.rollout(service, number))
        .signal(stopsChangedSignal)
        .catch(() => undefined);
    await connection.withDeadline(Date.now() + TELL_MS, () => mapInOrder(running, TOLD_AT_ONCE, tell));
  }
}

function isOver({ until }: ChangeStop): boolean {
  return until !== undefined && Date.parse(until) <= Date.now();
}

function describeLift(scope: Pick<ChangeStop, 'environment'>, others: readonly ChangeStop[]): string {
  const more = others.map((stop) => `; ${describeStop(stop)}, still`).join('');
  return `changes in ${describeScope(scope)} are stopped by this no more: what waits for it goes on${more}`;
}

function notFound(scope: Pick<ChangeStop, 'environment'>, set: readonly ChangeStop[]): ApiError {
  const known = set.length === 0 ? 'none is set' : `set are: ${set.map(describeStop).join('; ')}`;
  return new ApiError('NOT_FOUND', `no stop is set for ${describeScope(scope)}`, { suggestion: known });
}

function keyOf(type: string, { requestId }: RequestMeta): string {
  return `${SUBJECT}/${type}/${requestId}`;
}

async function isRecorded({ audit }: StopStores, type: string, change: RequestMeta): Promise<boolean> {
  const events = await audit.list({ subject: SUBJECT });
  return events.some(({ key }) => key === keyOf(type, change));
}

/** Before anything follows from it. The request id tells a repeat. */
async function record({ audit }: StopStores, type: string, change: RequestMeta, data: JsonObject): Promise<void> {
  const { actor, reason, requestId } = change;
  const why = reason === undefined ? {} : { reason };
  try {
    await audit.append({ key: keyOf(type, change), type, subject: SUBJECT, actor, ...why, data });
  } catch (error) {
    if (!(error instanceof AuditConflictError)) throw error;
    throw new ApiError('CONFLICT', `request id ${requestId} was used before with other content`, {
      suggestion: 'leave the id out, or use a new one',
    });
  }
}
