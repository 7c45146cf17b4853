export { drift } from './drift/drift.ts';
export { experiment } from './experiment/experiment.ts';
export { reap } from './reaper/reap.ts';
export { reaper } from './reaper/reaper.ts';
export { rollout } from './rollout/rollout.ts';
export { service } from './service/service.ts';
export { teardown } from './teardown/teardown.ts';
