import { readFileSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataFolder, resolveDataFolder } from '../src/data-folder.ts';
import { writeDurably } from '../src/host/durable-file.ts';
import { type ProcessIdentity, isAlive, identifySelf } from '../src/host/process-identity.ts';
import { endLeftovers } from './leftovers.ts';

const CLAIM = 'demo.json';

/**
 * Takes a folder for this demo and empties it. What an earlier demo that was killed left running there is ended first.
 * @throws Error fit to show when another demo runs there, or when the folder holds something that no demo put there
 */
export async function claimFolder(path: string, log: (text: string) => void): Promise<DataFolder> {
  const folder = resolveDataFolder(path);
  await mkdir(folder.root, { recursive: true });
  const owner = readClaim(folder);
  if (owner && isAlive(owner)) {
    throw new Error(
      `a demo runs on ${folder.root} (pid ${owner.pid}): end it with Ctrl-C there, or use another folder with --data`,
    );
  }
  if (!owner && (await readdir(folder.root)).length > 0) {
    throw new Error(`${folder.root} holds something that no demo put there: use an empty or new folder with --data`);
  }
  if (owner) {
    log('ending and removing what an earlier demo left');
    await endLeftovers(folder);
  }
  await empty(folder);
  await writeDurably(join(folder.root, CLAIM), `${JSON.stringify(identifySelf())}\n`);
  return folder;
}

/** Gives the folder up: nothing of the demo stays in it. */
export async function releaseFolder(folder: DataFolder): Promise<void> {
  await empty(folder);
  await rm(join(folder.root, CLAIM), { force: true });
}

/** The claim stays: until all is gone, the folder is a demo's. */
async function empty({ root, routerSocket }: DataFolder): Promise<void> {
  const names = (await readdir(root)).filter((name) => name !== CLAIM);
  await Promise.all(names.map((name) => rm(join(root, name), { recursive: true, force: true, maxRetries: 3 })));
  await rm(routerSocket, { force: true });
}

/** Written in one step, so it is whole or not there. */
function readClaim({ root }: DataFolder): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(join(root, CLAIM), 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
