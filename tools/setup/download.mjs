import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';
import { isExecutable } from './stamp.mjs';

const RELEASES = 'https://github.com';
const CLIENT = fileURLToPath(new URL('release-client.mjs', import.meta.url));

/**
 * Where a tool's release archive is, or undefined where none is published for this machine.
 * `SUPPLANT_RELEASES` names a mirror with the same paths.
 * @param {import('./tools.mjs').Tool} tool
 */
export function releaseOf(tool) {
  const release = tool.release(process.platform, process.arch);
  if (!release) return undefined;
  const folder = `${process.env.SUPPLANT_RELEASES || RELEASES}/${release.folder}`;
  return { ...release, url: `${folder}/${release.archive}`, checksumsUrl: `${folder}/${release.checksums}` };
}

/**
 * @param {string} root
 * @param {import('./tools.mjs').Tool} tool
 * @returns {Promise<string | undefined>} why the release cannot be had; undefined when it can
 */
export async function whyUnreachable(root, tool) {
  const release = releaseOf(tool);
  if (!release) return `no release is published for ${process.platform} ${process.arch}`;
  const { code, output } = await runClient(root, ['probe', release.url]);
  return code === 0 ? undefined : `${release.url} cannot be reached (${output.trim()})`;
}

/**
 * Puts the tool's executable from its verified release archive into `folder`.
 * @param {string} root
 * @param {import('./tools.mjs').Tool} tool
 * @param {string} folder an empty one
 * @param {import('./progress.mjs').Step} step
 * @returns {Promise<string>} the executable's path
 */
export async function downloadRelease(root, tool, folder, step) {
  const release = releaseOf(tool);
  if (!release) throw new Error('there is no release');
  const archive = join(folder, release.archive);
  step.update(`downloading ${release.url}`);
  await get(root, release.url, archive, (line) => step.update(`downloading ${release.archive}, ${line}`));
  step.update('verifying the archive');
  const expected = release.sha256 ?? (await publishedChecksum(root, release, folder));
  const actual = await sha256(archive);
  if (actual !== expected) {
    throw new Error(`${release.url} has SHA-256 ${actual}, but ${expected} was expected: it was not used`);
  }
  const { code, output } = await run('tar', ['-xzf', archive, '-C', folder, release.member]);
  if (code !== 0) throw new Error(`${release.archive} could not be unpacked: ${output.trim()}`);
  return join(folder, release.member);
}

/**
 * @param {string} root
 * @param {NonNullable<ReturnType<typeof releaseOf>>} release
 * @param {string} folder
 */
async function publishedChecksum(root, release, folder) {
  const file = join(folder, release.checksums);
  await get(root, release.checksumsUrl, file);
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+\*?/));
  const sum = lines.find(([, name]) => name === release.archive)?.[0];
  if (!sum) throw new Error(`${release.checksumsUrl} does not list ${release.archive}`);
  return sum;
}

/**
 * @param {string} root
 * @param {string} url
 * @param {string} file
 * @param {(line: string) => void} [onLine]
 */
async function get(root, url, file, onLine) {
  const { code, output } = await runClient(root, ['get', url, file], onLine);
  if (code !== 0) throw new Error(`${url}: ${output.trim().split('\n').at(-1)}`);
}

/**
 * @param {string} root
 * @param {string[]} args
 * @param {(line: string) => void} [onLine]
 */
function runClient(root, args, onLine) {
  const own = join(root, 'node_modules', '.bin', 'node');
  const env = { ...process.env, NODE_USE_ENV_PROXY: '1', NODE_NO_WARNINGS: '1' };
  return run(isExecutable(own) ? own : process.execPath, [CLIENT, ...args], { env, onLine });
}

/** @param {string} file */
async function sha256(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
