import { flushCompileCache } from 'node:module';

/**
 * Mocha's hook after each file: what was compiled for it is kept at once, for the processes that tests start. Left to
 * itself, Node does so when this process ends, which is when all tests are done.
 */
export const mochaHooks = {
  afterAll(): void {
    flushCompileCache();
  },
};
