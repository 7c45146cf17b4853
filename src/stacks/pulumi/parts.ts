import type { Log } from '../blueprint.ts';
import type { CommissionLedger } from './lock/ledger.ts';
import type { StackLocks } from './lock/stack-locks.ts';
import type { PluginPlace } from './plugins.ts';
import type { BlueprintRegistry } from './registry.ts';
import type { Residence } from './residence.ts';
import type { RunnerPool } from './runner/runner-pool.ts';
import type { StateStore } from './state/state-store.ts';

/** What a driver is put together from; `createPulumiDriver` does it. */
export interface Parts {
  registry: BlueprintRegistry;
  store: StateStore;
  commissions: CommissionLedger;
  residence: Residence;
  locks: StackLocks;
  pool: RunnerPool;
  plugins: PluginPlace;
  log: Log;
}
