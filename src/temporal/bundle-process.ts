/** Sends the bundled workflows to the process that forked it. */
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { WORKFLOWS_PATH } from './workers.ts';

const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS_PATH, logger: new DefaultLogger('WARN') });
process.send?.({ code }, () => process.disconnect());
