import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isHostId } from '../domain/hosts/host.ts';
import { makeDurably } from '../host/durable-file.ts';
import { readProcessSpace } from '../host/process-identity.ts';

/** The file in a data folder that names its host. */
const FILE = 'host';

/** As much of a machine's name as people need to know it by; the whole id is part of a task queue's name. */
const NAME_LIMIT = 40;

/**
 * The host that a data folder belongs to: whoever works on that folder can find the processes made from there. It is the
 * machine's name with a few characters that nobody else has, made at the first start and kept in the folder, so that a
 * new folder is a new host, and a machine that is renamed stays the same.
 */
export async function readHostId(dataDir: string): Promise<string> {
  const path = join(dataDir, FILE);
  if (!existsSync(path)) await makeDurably(path, createHostId(hostname()));
  const id = (await readFile(path, 'utf8')).trim();
  if (isHostId(id)) return id;
  throw new Error(`${path} names no host; remove it only if nothing runs that was made from this data folder`);
}

/**
 * Tells a data folder from a copy of it: by where the ids of its processes mean something, and by the file that names its host. Those
 * who have the same one can see whether each other's processes are alive.
 */
export async function identifyFolder(dataDir: string): Promise<string> {
  const { dev, ino } = await stat(join(dataDir, FILE), { bigint: true });
  return createHash('sha256').update(`${readProcessSpace()}/${dev}/${ino}`).digest('hex');
}

function createHostId(machine: string): string {
  const name = machine
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, NAME_LIMIT)
    .replace(/^-+|-+$/g, '');
  return `${name === '' ? 'host' : name}-${randomBytes(4).toString('hex')}`;
}
