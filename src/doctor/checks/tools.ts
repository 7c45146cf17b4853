import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findNativeTool, type NativeTool, NativeToolMissing } from '../../native-tools.ts';
import type { DoctorCheck, Finding } from '../check.ts';

/** The releases that Supplant is tested with, and whose files and options it knows; `tools/setup/tools.mjs` has the same. */
const TESTED: Record<NativeTool, { version: string; args: string[] }> = {
  pulumi: { version: '3.230.0', args: ['version'] },
  temporal: { version: '1.5.1', args: ['--version'] },
};

export const pulumiCli: DoctorCheck = { name: 'the Pulumi CLI', run: async () => [await examineTool('pulumi')] };
export const temporalCli: DoctorCheck = { name: 'the Temporal CLI', run: async () => [await examineTool('temporal')] };

async function examineTool(name: NativeTool): Promise<Finding> {
  const { version: tested, args } = TESTED[name];
  try {
    const path = findNativeTool(name);
    const { stdout } = await promisify(execFile)(path, args, {
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' },
    });
    return judgeVersion(/\d+\.\d+\.\d+/.exec(stdout)?.[0], tested, path);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof NativeToolMissing) return { state: 'bad', text, todo: 'npm run setup' };
    return { state: 'bad', text: `it cannot be run: ${text.split('\n')[0] ?? ''}`, todo: 'npm run setup' };
  }
}

/** Its state files and options change with a release: another one may do, and nobody has tried. */
export function judgeVersion(version: string | undefined, tested: string, path: string): Finding {
  if (version === tested) return { state: 'good', text: `${version}, at ${path}` };
  const what = version === undefined ? 'it does not say which release it is' : `it is release ${version}`;
  return { state: 'unsure', text: `${what}; Supplant is tested with ${tested} (${path})`, todo: 'npm run setup' };
}
