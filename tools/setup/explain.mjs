import { neededGo } from './build.mjs';
import { releaseOf } from './download.mjs';
import { isInstalled } from './home.mjs';

/**
 * @param {string} root
 * @param {import('./tools.mjs').Tool} tool
 * @param {string[]} reasons why each way failed
 */
export function explainMissing(root, tool, reasons) {
  const release = releaseOf(tool);
  return [
    `${tool.title} could not be had:`,
    ...reasons.map((reason) => `  - ${reason.replaceAll('\n', '\n    ')}`),
    'Any one of these is enough:',
    `  - install it on PATH, ${tool.version} or newer but below ${tool.below}: ${tool.installation}`,
    ...(release ? [`  - let this machine reach ${release.url} (HTTPS_PROXY is obeyed), or set SUPPLANT_RELEASES`] : []),
    `  - install Go ${neededGo(root, tool)} or newer (https://go.dev/dl/), so that it can be built`,
    `  - set ${tool.override} to an executable of your own`,
    isInstalled(root) ? 'and then type the same command again' : 'and then: npm run setup',
  ].join('\n');
}
