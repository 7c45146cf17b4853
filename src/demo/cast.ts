import type { SupplantClient } from '../client/api.ts';
import type { DataFolder } from '../data-folder.ts';
import type { ServiceKey } from '../domain/service.ts';
import type { Router } from '../traffic/router.ts';
import type { Chapter } from './chapters.ts';
import type { Load } from './load.ts';
import type { Stage } from './stage.ts';

/** What the story is played with. */
export interface Cast {
  folder: DataFolder;
  service: ServiceKey;
  chapters: Chapter[];
  client: SupplantClient;
  router: Router;
  load: Load;
  stage: Stage;
  signal: AbortSignal;
}
