import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface DemoOptions {
  help: boolean;
  /** Leave everything running after the story, until Ctrl-C. */
  keep: boolean;
  /** Where the demo's `supplant dev` keeps its state. */
  dataDir: string;
}

export const USAGE = `Usage: npm run demo [-- OPTIONS]

A web server is deployed, replaced, protected from a broken release and from a slow one, and rolled back while requests keep
coming. Then an experiment compares copies of it and of its next version, which are gone afterwards.
Writes demo-report.json in the working folder.

Options:
  --keep        leave everything running after the story, to look around; Ctrl-C ends it
  --data DIR    where to keep state meanwhile: an empty or new folder (default: .demo in the checkout)
  -h, --help    show this help

Exit codes:
  0    no request failed, every rollout and the experiment ended as they should, nothing is left over, the audit chain
       holds
  1    something was not as expected; it says what
  2    the options are wrong
  130  interrupted with Ctrl-C; everything it started is gone`;

/** @throws Error fit to show for an option that does not exist */
export function readOptions(args: readonly string[], checkout: string, workingDirectory: string): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keep: { type: 'boolean', default: false },
      data: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.data === '') throw new Error('--data names no folder');
  return {
    help: values.help,
    keep: values.keep,
    dataDir: values.data === undefined ? join(checkout, '.demo') : resolve(workingDirectory, values.data),
  };
}
