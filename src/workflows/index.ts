export { experiment } from './experiment/experiment.ts';
export { rollout } from './rollout/rollout.ts';
export { service } from './service/service.ts';
export { teardown } from './teardown/teardown.ts';
