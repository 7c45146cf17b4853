import type { SupplantClient } from '../src/contract/supplant-client.ts';
import type { DataFolder } from '../src/data-folder.ts';
import type { ServiceKey } from '../src/domain/service/service.ts';
import type { Router } from '../src/routing/router.ts';
import type { ExperimentChapter, RolloutChapter } from './chapters.ts';
import type { Load } from './load.ts';
import type { Stage } from './stage.ts';

/** What the story is played with. */
export interface Cast {
  folder: DataFolder;
  service: ServiceKey;
  rollouts: RolloutChapter[];
  /** What follows them. */
  experiment: ExperimentChapter;
  client: SupplantClient;
  router: Router;
  load: Load;
  stage: Stage;
  signal: AbortSignal;
}
