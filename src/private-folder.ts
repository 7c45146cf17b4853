import { chmod, lstat, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ApiError } from './contract/supplant-client.ts';
import type { DataFolder } from './data-folder.ts';

const OTHERS = 0o077;
const STICKY = 0o1000;
/** By these a folder is known as one of Supplant's. */
const OURS = ['dev.json', 'supplant.sqlite', 'temporal.sqlite', 'api.token', 'stacks', 'logs', 'router', 'workers'];
/** What a new file system has in its first folder. */
const NOBODYS = ['lost+found'];

/**
 * Makes the data folder where there is none, and keeps everybody else out of it: what is in it, processes are started from.
 * A folder that holds other things, such as a home directory or `/tmp`, is not touched.
 *
 * @throws ApiError when others may get into it and that cannot be changed, or must not be
 */
export async function makePrivate(folder: DataFolder): Promise<void> {
  const { root } = folder;
  await mkdir(root, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unusable(root, error instanceof Error ? error.message : String(error));
  });
  const { mode, uid } = await lstat(`${root}/`);
  if (uid !== (process.getuid?.() ?? uid)) throw unusable(root, 'it belongs to another user');
  if ((mode & OTHERS) !== 0) {
    if ((mode & STICKY) !== 0) throw unusable(root, 'every user may write there');
    if (!(await isOurs(root))) throw unusable(root, 'others may read it, and it holds what is not of Supplant');
    await chmod(root, 0o700);
  }
  for (const sockets of [folder.routerSocket, folder.haproxySocket].map(dirname)) {
    if (sockets !== root) await makeSocketFolder(sockets);
  }
  // Of an earlier version, which left them as the umask had them.
  for (const file of [folder.store, folder.temporal].flatMap((path) => [path, `${path}-wal`, `${path}-shm`])) {
    await tighten(file);
  }
}

/** It is where every user may make folders: one that somebody else made there first is not used. */
async function makeSocketFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  const isMine = found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
  if (isMine && (found.mode & OTHERS) !== 0) await chmod(path, 0o700);
  if (isMine) return;
  throw new ApiError('INVALID', `${path}, which is for sockets, belongs to another user`, {
    suggestion: 'name a data folder with a shorter path, or set TMPDIR to a folder of your own',
  });
}

async function isOurs(root: string): Promise<boolean> {
  const names = (await readdir(root)).filter((name) => !NOBODYS.includes(name));
  return names.length === 0 || names.some((name) => OURS.includes(name));
}

async function tighten(file: string): Promise<void> {
  const found = await lstat(file).catch(() => undefined);
  if (found?.isFile() === true && (found.mode & OTHERS) !== 0) await chmod(file, 0o600);
}

function unusable(root: string, why: string): ApiError {
  return new ApiError('INVALID', `${root} cannot be the data folder: ${why}`, {
    suggestion: `name a folder that is for Supplant alone, such as ${join(root, 'supplant')}, with --data`,
  });
}
