import { after, afterEach, before, beforeEach } from 'mocha';
import { Bench } from './bench.ts';
import { HookServer } from './hook-server.ts';
import { LanePool } from './lane.ts';
import { SHARED_SERVER } from './shared-server.ts';
import { startServer } from './server.ts';

/** Of the server that all share: for all test files that one process runs, which ends them when it ends. */
let shared: Promise<LanePool> | undefined;

async function openLanes(dynamicConfig?: string[]): Promise<LanePool> {
  return new LanePool(await startServer(dynamicConfig));
}

/** A server for all tests of a suite, and a bench for each; called in its `describe`. */
export function benchForEach(dynamicConfig?: string[]): () => Bench {
  const isShared = dynamicConfig === undefined && process.env[SHARED_SERVER] !== undefined;
  let lanes: LanePool;
  let bench: Bench | undefined;
  const current = (): Bench => {
    if (!bench) throw new Error('a bench is there only while a test runs');
    return bench;
  };
  before(async () => {
    shared = isShared ? (shared ?? openLanes()) : shared;
    lanes = await (isShared ? shared! : openLanes(dynamicConfig));
  });
  after(async () => {
    if (isShared) return;
    await lanes.close();
    await lanes.env.teardown();
  });
  beforeEach(async () => {
    bench = await Bench.openOn(lanes);
  });
  afterEach(async () => {
    const ended = bench;
    bench = undefined;
    await ended?.end();
    if (ended) lanes.giveBack(ended.lane);
  });
  return current;
}

/** Somebody else's webhooks, for each test of a suite; called in its `describe`. */
export function hookServerForEach(): () => HookServer {
  let server: HookServer | undefined;
  beforeEach(async () => {
    server = await HookServer.start();
  });
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
    server = undefined;
  });
  return () => {
    if (!server) throw new Error('a server of hooks is there only while a test runs');
    return server;
  };
}
