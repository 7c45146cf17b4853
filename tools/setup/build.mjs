import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';
import { compareVersions } from './versions.mjs';

const LOG_LINES = 15;

/**
 * Why no build can work here, before minutes go into it; undefined when one may.
 * An old Go fetches the toolchain that go.mod asks for by itself, unless it was told to stay local.
 * @param {string} root
 * @param {import('./tools.mjs').Tool} tool
 */
export async function whyNotBuildable(root, tool) {
  const asked = await run('go', ['env', 'GOVERSION', 'GOTOOLCHAIN']).catch(() => undefined);
  if (asked?.code !== 0) return 'Go is not installed';
  const [version, toolchain] = asked.output.trim().split('\n');
  const found = version.replace(/^go/, '').replace(/[^\d.].*$/, '');
  const needed = neededGo(root, tool);
  const isTooOld = compareVersions(found, needed) < 0;
  return isTooOld && toolchain === 'local' ? `Go ${found} is too old: ${needed} or newer is needed` : undefined;
}

/**
 * @param {string} root
 * @param {import('./tools.mjs').Tool} tool
 */
export function neededGo(root, tool) {
  const module = readFileSync(join(root, 'tools', tool.name, 'go.mod'), 'utf8');
  return /^go (\S+)/m.exec(module)?.[1] ?? '1.24';
}

/**
 * Builds the tool at the version that go.mod and go.sum pin, into `folder`. Go uses every core by itself.
 * @param {string} root
 * @param {import('./tools.mjs').Tool} tool
 * @param {string} folder
 * @returns {Promise<string>} the executable's path
 */
export async function buildTool(root, tool, folder) {
  const executable = join(folder, tool.name);
  const ldflags = `-s -w ${tool.goVersionFlag}`;
  const flags = ['-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags', ldflags, '-o', executable];
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
  const { code, output } = await run('go', ['build', ...flags, tool.goPackage], {
    cwd: join(root, 'tools', tool.name),
    env,
  });
  if (code !== 0) throw new Error(`go build failed:\n${output.trimEnd().split('\n').slice(-LOG_LINES).join('\n')}`);
  return executable;
}
