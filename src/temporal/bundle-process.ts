/** Sends the bundled workflows of an entry file, its first argument, to the process that forked it. */
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

const [, , workflowsPath = ''] = process.argv;
const { code } = await bundleWorkflowCode({
  workflowsPath,
  // Once for all workflows of a thread: of their own each would take half a MiB, which a thousand that wait would hold.
  preloadModules: [workflowsPath],
  logger: new DefaultLogger('WARN'),
});
process.send?.({ code }, () => {
  // Whoever forked it may have ended meanwhile, and has said why: nothing is to be said after that.
  if (process.connected) process.disconnect();
});
