/** A worker like `src/worker.ts` whose rollouts take their steps in another order: the next release, for tests. */
import { fileURLToPath } from 'node:url';
import { giveUp, runWorker } from '../../src/worker.ts';

const [, , dataDir = '', deployment, build] = process.argv;
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const workflows = {
  plain: path('../replay/changed-workflows.ts'),
  versioned: path('./changed-versioned-workflows.ts'),
};
runWorker({ dataDir, deployment, build, workflows }).catch(giveUp);
