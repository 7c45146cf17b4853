import type { RouterLookup } from '../routing/router.ts';
import type { StackDriver } from '../stacks/driver.ts';
import type { AuditStore } from '../store/audit/store.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import type { ExperimentStore } from '../store/experiments/stores.ts';
import type { Store } from '../store/store.ts';
import type { ReaperParts } from './reaper/parts.ts';

/** What activities reach the world by. */
export interface Ports {
  stacks: StackDriver;
  routers: RouterLookup;
  audit: AuditStore;
  catalogue: Catalogue;
  experiments: ExperimentStore;
  atOnce: Store['atOnce'];
  reaper: ReaperParts;
}
