import type { AuditEvent } from '../../../src/store/audit/store.ts';
import type { ServiceKey } from '../../../src/domain/service/service.ts';
import { waitUntil } from '../../../src/host/polling.ts';
import { formatStackName } from '../../../src/domain/service/revision.ts';
import { type Finding, findings } from '../findings.ts';
import { awaitEnd, describeEnd, insist } from '../insist.ts';
import { processesOf } from '../processes.ts';
import { specOf } from '../program.ts';
import type { World } from '../world.ts';
import { ENVIRONMENT } from './spec.ts';

const SERVICE: ServiceKey = { name: 'live', environment: ENVIRONMENT };

const END_MS = 10_000;
const READY_MS = 90_000;

/** A service with users beside all experiments, which nothing of theirs may touch. */
export class Live {
  readonly service = SERVICE;
  readonly stack = formatStackName(SERVICE, 1);
  readonly url: string;

  private constructor(url: string) {
    this.url = url;
  }

  static async deploy(world: World): Promise<Live> {
    const change = { actor: 'chaos', requestId: 'live' };
    const release = specOf({ service: SERVICE, version: 'live', behaviour: 'good' });
    const receipt = await insist(world, (client) => client.apply(release, change));
    const end = await awaitEnd(world, receipt, AbortSignal.timeout(READY_MS));
    const { route } = await world.client.view(SERVICE);
    if (end.outcome !== 'succeeded' || !route) throw new Error(`the live service has ${describeEnd(end)}`);
    return new Live(`http://${route.address.host}:${route.address.port}/`);
  }

  /** @param events all of the service's */
  untouched(
    { provided, inState }: { provided: readonly string[]; inState: readonly string[] },
    events: readonly AuditEvent[],
  ): Finding[] {
    const isHere = (where: readonly string[]): boolean => where.includes(this.stack);
    const touched = events.filter(({ type }) => /^(stack\.destroy|reaper\.)/.test(type));
    return findings('wrong', [
      ...(isHere(provided) && isHere(inState) ? [] : [`${this.stack}, which is live, is gone`]),
      ...touched.map(({ type, seq }) => `${this.stack}, which is live, was touched: ${type}, event ${seq}`),
    ]);
  }
}

/** Ends a world and forgets it. The live service is not removed but ended, once nobody begins it anew. */
export async function endWithLive(world: World): Promise<string[]> {
  await world.platform.stop();
  await world.platform.endServices();
  await waitUntil(END_MS, () => processesOf(world.root).length === 0);
  return world.close();
}
