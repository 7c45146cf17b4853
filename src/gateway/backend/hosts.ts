import { nearest } from '../../config/nearest.ts';
import type { HostClient } from '../../contract/host-client.ts';
import { ApiError } from '../../contract/supplant-client.ts';
import { type HostView, buildHostViews } from '../../domain/hosts/view.ts';
import { describeForgetting } from '../../domain/hosts/words.ts';
import type { JsonObject } from '../../domain/json.ts';
import { type StackName, formatStackId } from '../../domain/reaper/facts.ts';
import type { RequestMeta } from '../../domain/service/requests.ts';
import { formatRevisionName, formatStackName } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { AuditConflictError, type AuditStore } from '../../store/audit/store.ts';
import type { Catalogue, Overview } from '../../store/catalogue/catalogue.ts';
import type { HostBindings } from '../../store/hosts/bindings.ts';
import type { Store } from '../../store/store.ts';
import { withApiErrors } from './errors.ts';

type HostStores = Pick<Store, 'audit' | 'hosts'> & { bindings: HostBindings; catalogue: Pick<Catalogue, 'overview'> };

/** In the audit log. */
const SUBJECT = 'hosts';
const FORGOTTEN = 'host.forgotten';

/** Hosts as a gateway sees them: by the record. */
export class Hosts implements HostClient {
  readonly #store: () => Promise<HostStores>;

  constructor(store: () => Promise<HostStores>) {
    this.#store = store;
  }

  list(): Promise<HostView[]> {
    return withApiErrors(async () => {
      const { hosts, bindings } = await this.#store();
      return buildHostViews(await hosts.list(), await bindings.listBound());
    });
  }

  forget(id: string, change: RequestMeta): Promise<string> {
    return withApiErrors(async () => {
      const { actor, reason } = change;
      if (reason === undefined) throw new ApiError('INVALID', 'reason: expected why the host does not come back');
      const { audit, hosts, bindings, catalogue } = await this.#store();
      const bound = await bindings.listBound();
      const host = findHost(id, buildHostViews(await hosts.list(), bound));
      if (host.state === 'live') throw createLiveError(host);
      const there = bound.filter((each) => each.host === id);
      const effect = describeForgetting({ ...host, live: listLive(there, await catalogue.overview()) });
      if (change.dryRun === true) return effect;
      await record(audit, host, change);
      if (!(await hosts.forget(id, { actor, reason }))) throw createLiveError(host);
      // Only now: of a host that has come back meanwhile nothing may be taken to be gone.
      await bindings.unbind(id);
      return effect;
    });
  }
}

/** The revisions among these stacks that have their service's traffic. */
function listLive(stacks: readonly StackName[], services: readonly Overview[]): string[] {
  const there = new Set(stacks.map(formatStackId));
  return services.flatMap(({ spec: { service }, revisions }) =>
    revisions
      .filter(({ state, number }) => {
        const stack = formatStackId({ project: service.environment, stack: formatStackName(service, number) });
        return state === 'live' && there.has(stack);
      })
      .map(({ number }) => `${formatServiceId(service)} ${formatRevisionName(number)}`),
  );
}

function findHost(id: string, known: readonly HostView[]): HostView {
  const found = known.find((host) => host.id === id);
  if (found) return found;
  const ids = known.map((host) => host.id);
  const [meant] = nearest(id, ids);
  const listed = ids.length === 0 ? 'none is known yet' : `known are: ${ids.join(', ')}`;
  throw new ApiError('NOT_FOUND', `there is no host '${id}'`, {
    suggestion: meant === undefined ? listed : `did you mean ${meant}? ${listed}`,
  });
}

function createLiveError({ id, lastSeenAt }: HostView): ApiError {
  const seen = lastSeenAt === undefined ? '' : `, last seen at ${lastSeenAt}`;
  return new ApiError('REFUSED', `host ${id} is live${seen}: what runs there is looked after there`, {
    suggestion: 'a host is forgotten that does not come back; stop its workers first, and ask again 30 s later',
  });
}

/** Before anything follows from it. The request id tells a repeat, at which less may be bound to the host. */
async function record(
  audit: Pick<AuditStore, 'append' | 'list'>,
  { id, lastSeenAt, stackCount, stacks }: HostView,
  { actor, reason = '', requestId }: RequestMeta,
): Promise<void> {
  const key = `${SUBJECT}/${FORGOTTEN}/${requestId}`;
  const seen: JsonObject = lastSeenAt === undefined ? {} : { lastSeenAt };
  const data: JsonObject = { host: id, ...seen, stackCount, stacks };
  try {
    await audit.append({ key, type: FORGOTTEN, subject: SUBJECT, actor, reason, data });
  } catch (error) {
    if (!(error instanceof AuditConflictError)) throw error;
    const before = (await audit.list({ subject: SUBJECT })).find((event) => event.key === key);
    if (before?.data.host === id && before.actor === actor && before.reason === reason) return;
    throw new ApiError('CONFLICT', `request id ${requestId} was used before with other content`, {
      suggestion: 'leave the id out, or use a new one',
    });
  }
}
