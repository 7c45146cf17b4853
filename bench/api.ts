/**
 * Accepted CreateRollout requests through the gateway ÷ the same ones from this process straight to Temporal, in turns.
 * Each asks for the artifact that is live already, under an id of its own: the service's workflow takes it by
 * update-with-start, looks at it and answers `unchanged`, so that next to no engine work follows and what is measured
 * is the way there. Beside it: how long GetRollout takes among 50 clients that get, list and explain at once, and
 * the gateway's memory over 10,000 calls and with 500 idle watchers then, as multiples of what it was before them, and how
 * it grows over the second half of them. As many calls come first: until then V8 still compiles, and lets its heap grow.
 * The clients run in this one process, so that the time of a call includes its share of their work.
 */
import { readFileSync } from 'node:fs';
import { type Transport, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { openBackend } from '../src/gateway/backend/open.ts';
import type { SupplantClient } from '../src/contract/supplant-client.ts';
import { createBearer } from '../src/client/remote-client.ts';
import { resolveDataFolder } from '../src/data-folder.ts';
import { readLease } from '../src/host/dev-lease.ts';
import { AuditService } from '../src/contract/gen/supplant/v1/audit_pb.ts';
import { RolloutService } from '../src/contract/gen/supplant/v1/rollouts_pb.ts';
import { Platform, change } from './platform.ts';
import { type BenchResult, median, percentile, printResult } from './result.ts';
import { describeTimes, machineLoad, takeTurns } from './rounds.ts';
import { KEEP_NONE, Sample } from './sample.ts';

/** The gateway's rate ÷ the direct one's is to be 0.8 at least; as times, the inverse. */
const TARGET = 1 / 0.8;
const TARGET_MEMORY = 1.25;
const REQUESTS = 100;
const AT_ONCE = 8;
const ROUNDS = 6;
const CLIENTS = 50;
const CALLS_AT_ONCE = 1_000;
const WARM_UP_CALLS = 10_000;
const CALLS = 10_000;
const WATCHERS = 500;
/** What 1,000 calls may add in the second half and still count as nothing: a leak of 1 KiB a call. */
const FLAT_MEBIBYTES = 1;
const KIBIBYTES_PER_MEBIBYTE = 1024;

const service = { name: 'web', environment: 'bench' };
const parent = 'services/web/environments/bench';
const name = `${parent}/rollouts/-`;

export async function run(): Promise<BenchResult> {
  await using sample = await Sample.create();
  await using platform = await Platform.start();
  const { dataDir, temporalAddress: address, namespace, api } = platform.info;
  const spec = sample.spec(service.name, 'one', KEEP_NONE);
  await platform.done(platform.client.apply(spec, change()));
  const direct = openBackend(resolveDataFolder(dataDir), { options: { address }, namespace });
  try {
    const { artifact } = (await direct.view(service)).status.spec;
    const times = await compare(platform.client, direct, artifact);
    const figures = await load(dataDir, api);
    const value = median(times.gateway) / median(times.direct);
    return {
      ...{ name: 'api', value, target: TARGET, ok: value <= TARGET && figures.memoryRatio <= TARGET_MEMORY },
      rateRatio: 1 / value,
      createsPerSecond: (REQUESTS * 1000) / median(times.gateway),
      ...figures,
      targetMemoryRatio: TARGET_MEMORY,
      load: machineLoad(),
    };
  } finally {
    await direct.close();
  }
}

/** In turns, after a round of each that does not count. */
async function compare(gateway: SupplantClient, direct: SupplantClient, artifact: string) {
  const creates = (client: SupplantClient) => () =>
    spread(REQUESTS, AT_ONCE, async () => {
      const { unchanged } = await client.deploy(service, artifact, change());
      if (!unchanged) throw new Error('a rollout was started, which is not what this measures');
    });
  const contenders = { gateway: creates(gateway), direct: creates(direct) };
  await takeTurns(contenders, { rounds: 1 });
  const times = await takeTurns(contenders, { rounds: ROUNDS });
  for (const [who, each] of Object.entries(times)) console.log(describeTimes(who, each));
  return times;
}

async function load(dataDir: string, api: string) {
  const pid = readLease(resolveDataFolder(dataDir).lease)?.parts.gateway?.pid;
  if (pid === undefined) throw new Error('no gateway runs');
  const baseUrl = `http://${api}`;
  const interceptors = [createBearer(readFileSync(resolveDataFolder(dataDir).token, 'utf8').trim())];
  const transport = (): Transport => createGrpcTransport({ baseUrl, interceptors });
  const clients = Array.from({ length: CLIENTS }, () => createClient(RolloutService, transport()));
  const times: number[] = [];
  let next = 0;
  const call = async (): Promise<void> => {
    const turn = next++;
    const client = clients[turn % CLIENTS]!;
    if (turn % 5 === 3) await client.listRollouts({ parent });
    else if (turn % 5 === 4) await client.explainRollout({ name });
    else {
      const began = performance.now();
      await client.getRollout({ name });
      times.push(performance.now() - began);
    }
  };
  await spread(WARM_UP_CALLS, CLIENTS, call);
  const resident = [residentMebibytes(pid)];
  for (let calls = 0; calls < CALLS; calls += CALLS_AT_ONCE) {
    await spread(CALLS_AT_ONCE, CLIENTS, call);
    resident.push(residentMebibytes(pid));
  }
  const [before = 0, after = 0] = [resident[0], resident.at(-1)];
  const slope = slopeOf(resident.slice(Math.floor(resident.length / 2)));
  const flat = slope <= FLAT_MEBIBYTES;
  console.log(`memory by 1,000 calls: ${resident.map((each) => each.toFixed(0)).join(', ')} MiB`);
  console.log(`its slope over the second half: ${slope.toFixed(2)} MiB per 1,000 calls: ${flat ? 'flat' : 'it grows'}`);
  const stop = new AbortController();
  const watching = await watchers(transport(), stop.signal);
  const watched = residentMebibytes(pid);
  stop.abort();
  await Promise.all(watching);
  return {
    getP99Ms: percentile(times, 99),
    gatewayMebibytes: watched,
    memoryRatio: after / before,
    memorySlope: slope,
    memoryFlat: flat,
    watchedRatio: watched / before,
  };
}

/** Of the straight line through them by least squares. */
function slopeOf(values: readonly number[]): number {
  const [middle, mean] = [(values.length - 1) / 2, values.reduce((sum, each) => sum + each, 0) / values.length];
  const spreadOf = values.reduce((sum, _each, index) => sum + (index - middle) ** 2, 0);
  return values.reduce((sum, each, index) => sum + (index - middle) * (each - mean), 0) / spreadOf;
}

/** Resolves once each has had its first message; their ends are the result. */
async function watchers(transport: Transport, signal: AbortSignal): Promise<Promise<unknown>[]> {
  const client = createClient(AuditService, transport);
  const ends: Promise<unknown>[] = [];
  const begin = async (): Promise<void> => {
    const messages = client.watchAuditEvents({}, { signal })[Symbol.asyncIterator]();
    await messages.next();
    ends.push(messages.next().catch(() => undefined));
  };
  await Promise.all(Array.from({ length: WATCHERS }, begin));
  return ends;
}

async function spread(count: number, atOnce: number, one: () => Promise<void>): Promise<void> {
  let left = count;
  const work = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

function residentMebibytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / KIBIBYTES_PER_MEBIBYTE;
}

if (import.meta.main) printResult(await run());
