/** A worker like `src/worker.ts` whose rollouts take their steps in another order: the next release, for tests. */
import { fileURLToPath } from 'node:url';
import { giveUp, runWorker } from '../../src/worker.ts';

const [, , dataDir = '', deployment, build] = process.argv;
const workflows = fileURLToPath(new URL('../replay/changed-workflows.ts', import.meta.url));
runWorker({ dataDir, deployment, build, workflows }).catch(giveUp);
