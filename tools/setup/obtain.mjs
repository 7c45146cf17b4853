import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildTool, whyNotBuildable } from './build.mjs';
import { downloadRelease, whyUnreachable } from './download.mjs';
import { explainMissing } from './explain.mjs';
import { findInstalled, ownTool, versionOf } from './find.mjs';
import { toolHome } from './home.mjs';
import { isAccepted } from './versions.mjs';

/**
 * @typedef {import('./tools.mjs').Tool} Tool
 * @typedef {import('./stamp.mjs').FoundTool} FoundTool
 * @typedef {import('./progress.mjs').Step} Step
 */

/**
 * Gets each tool by the first way that works: already on this machine, downloaded, built.
 * @param {string} root
 * @param {Tool[]} tools
 * @param {import('./progress.mjs').Progress} progress
 * @param {(tool: Tool, found: FoundTool) => void} onFound told as soon as one is ready to use
 * @throws {Error} when one or more cannot be had, with every way out for each of them
 */
export async function obtainTools(root, tools, progress, onFound) {
  const scratch = join(toolHome(root), 'unfinished');
  rmSync(scratch, { recursive: true, force: true });
  /** @type {Map<Tool, string[]>} */
  const missing = new Map();
  for (const tool of tools) {
    const reasons = [];
    const found = await findInstalled(root, tool, reasons);
    if (found) {
      progress.note(`${tool.title}: ${found.version} ${found.source}, ${found.path}`);
      onFound(tool, found);
    } else missing.set(tool, reasons);
  }
  const obstacles = await probeAll(root, [...missing.keys()]);
  for (const [tool, reasons] of missing) {
    const found = await make(root, tool, scratch, obstacles.get(tool), reasons, progress);
    if (!found) continue;
    missing.delete(tool);
    onFound(tool, found);
  }
  rmSync(scratch, { recursive: true, force: true });
  if (missing.size > 0) throw new Error([...missing].map((entry) => explainMissing(root, ...entry)).join('\n\n'));
}

/**
 * All at once, so that a machine without a network waits for one time-out and not for several.
 * @param {string} root
 * @param {Tool[]} tools
 */
async function probeAll(root, tools) {
  return new Map(await Promise.all(tools.map(async (tool) => [tool, await whyUnreachable(root, tool)])));
}

/**
 * @param {string} root
 * @param {Tool} tool
 * @param {string} scratch
 * @param {string | undefined} unreachable
 * @param {string[]} reasons
 * @param {import('./progress.mjs').Progress} progress
 * @returns {Promise<FoundTool | undefined>}
 */
async function make(root, tool, scratch, unreachable, reasons, progress) {
  const step = progress.step(tool.title, 'looking for a way to get it');
  try {
    if (unreachable) reasons.push(unreachable);
    else return await finish(root, tool, await download(root, tool, scratch, step), 'downloaded', step);
  } catch (error) {
    reasons.push(messageOf(error));
    progress.note(`${tool.title}: ${messageOf(error)}`);
  }
  try {
    const obstacle = await whyNotBuildable(root, tool);
    if (obstacle) throw new Error(obstacle);
    const why = unreachable ? 'no release archive can be reached' : 'the release archive could not be used';
    step.update(`building it, since ${why}; usually 2 to 3 minutes on 2 cores`);
    return await finish(root, tool, await buildTool(root, tool, newFolder(scratch)), 'built', step);
  } catch (error) {
    reasons.push(messageOf(error));
    step.failed('could not be had');
    return undefined;
  }
}

/**
 * @param {string} root
 * @param {Tool} tool
 * @param {string} scratch
 * @param {Step} step
 */
const download = (root, tool, scratch, step) => downloadRelease(root, tool, newFolder(scratch), step);

/**
 * Puts a new executable where it is looked for, in one step and only after it has run, so that no half file is ever used.
 * @param {string} root
 * @param {Tool} tool
 * @param {string} executable
 * @param {string} source
 * @param {Step} step
 * @returns {Promise<FoundTool>}
 */
async function finish(root, tool, executable, source, step) {
  chmodSync(executable, 0o755);
  const version = await versionOf(tool, executable);
  if (!version || !isAccepted(version, tool)) {
    throw new Error(`what was ${source} does not run as version ${tool.version} (it says ${version ?? 'nothing'})`);
  }
  const path = ownTool(root, tool);
  mkdirSync(dirname(path), { recursive: true });
  renameSync(executable, path);
  step.done(source);
  return { path, version, source };
}

/** @param {string} scratch */
function newFolder(scratch) {
  mkdirSync(scratch, { recursive: true });
  return mkdtempSync(join(scratch, 'tool-'));
}

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));
