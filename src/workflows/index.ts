export { rollout } from './rollout.ts';
export { service } from './service.ts';
export { teardown } from './teardown.ts';
