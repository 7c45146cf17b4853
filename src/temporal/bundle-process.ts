/** Sends the bundled workflows of an entry file, its first argument, to the process that forked it. */
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

const [, , workflowsPath = ''] = process.argv;
const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
process.send?.({ code }, () => process.disconnect());
