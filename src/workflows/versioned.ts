/**
 * The workflows for workers that are a version of a deployment, each with what becomes of it when the next version is
 * promoted. The server takes this from no other worker, so those run `index.ts`.
 */
import { setWorkflowOptions } from '@temporalio/workflow';
import { drift, experiment, reap, reaper, rollout, service, teardown } from './index.ts';

export { drift, experiment, reap, reaper, rollout, service, teardown };

// Has an end, and finishes on the code it began with.
setWorkflowOptions({ versioningBehavior: 'PINNED' }, rollout);
// Has no end, and begins rollouts where it runs itself. So its code has to replay; `test/replay` sees to that.
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, service);
// A teardown that nobody can carry out for weeks must not keep an old worker needed.
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, teardown);
// A look is over at once, and what it destroys is tried again by later ones.
setWorkflowOptions({ versioningBehavior: 'PINNED' }, reaper);
setWorkflowOptions({ versioningBehavior: 'PINNED' }, reap);
// Changes nothing, and the next one begins on whatever is current then.
setWorkflowOptions({ versioningBehavior: 'PINNED' }, drift);
// Has an end as well. One that cannot destroy its stacks for weeks keeps its worker needed, as long as a person lets it.
setWorkflowOptions({ versioningBehavior: 'PINNED' }, experiment);
