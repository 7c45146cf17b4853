import { access, constants, lstat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DoctorCheck, Finding } from '../check.ts';

const OTHERS = 0o077;
/** A worker's state and a first revision of anything take less. In bytes. */
const ROOM = 1024 ** 3;

/** Where everything is kept: whose it is, who else may look into it, and whether there is room. */
export const dataFolder: DoctorCheck = {
  name: 'the data folder',
  async run({ folder: { root } }) {
    const found = await lstat(root).catch(() => undefined);
    const place = found ? root : await findExisting(dirname(root));
    return [found ? examineFolder(root, found) : await examineParent(root, place), await examineRoom(place)];
  },
};

function examineFolder(root: string, { mode, uid }: { mode: number; uid: number }): Finding {
  if (uid !== (process.getuid?.() ?? uid)) {
    return { state: 'bad', text: `${root} belongs to another user`, todo: 'name another one with --data' };
  }
  if ((mode & OTHERS) === 0) return { state: 'good', text: `${root}, and nobody else may look into it` };
  return { state: 'unsure', text: `other users may look into ${root}`, todo: `chmod 700 ${root}` };
}

async function examineParent(root: string, place: string): Promise<Finding> {
  const isWritable = await access(place, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isWritable) return { state: 'good', text: `${root} can be made` };
  return {
    state: 'bad',
    text: `${root} cannot be made: ${place} is not yours to write to`,
    todo: 'name another one with --data',
  };
}

async function examineRoom(place: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const text = `${(free / ROOM).toFixed(1)} GiB are free there`;
  return free >= ROOM
    ? { state: 'good', text }
    : { state: 'unsure', text, todo: 'make room: a full disk stops rollouts' };
}

async function findExisting(path: string): Promise<string> {
  const isThere = await lstat(path).catch(() => undefined);
  return isThere || path === dirname(path) ? path : findExisting(dirname(path));
}
