import type { HookCaller } from '../hooks/caller.ts';
import type { RouterLookup } from '../routing/router.ts';
import type { StackDriver } from '../stacks/driver.ts';
import type { AtOnce } from '../store/at-once.ts';
import type { AuditStore } from '../store/audit/store.ts';
import type { Catalogue } from '../store/catalogue/catalogue.ts';
import type { ChangeStopLog } from '../store/change-stops/log.ts';
import type { DriftLog } from '../store/drift/log.ts';
import type { ExperimentStore } from '../store/experiments/stores.ts';
import type { HostBindings } from '../store/hosts/bindings.ts';
import type { HostRegistry } from '../store/hosts/registry.ts';
import type { ReaperParts } from './reaper/parts.ts';

/** What activities reach the world by. */
export interface Ports {
  stacks: StackDriver;
  routers: RouterLookup;
  audit: AuditStore;
  catalogue: Catalogue;
  experiments: ExperimentStore;
  drift: DriftLog;
  stops: ChangeStopLog;
  hooks: HookCaller;
  hosts: HostRegistry;
  bindings: HostBindings;
  /** The id of the host that this is. */
  host: string;
  atOnce: AtOnce;
  reaper: ReaperParts;
}
