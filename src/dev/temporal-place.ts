import { randomBytes, randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataFolder } from '../data-folder.ts';
import type { TemporalPlace } from '../host/dev-lease.ts';
import { makeDurably } from '../host/durable-file.ts';
import { findFreePort } from './ports.ts';

/** The wanted ports where they are free, else any. */
export async function chooseTemporalPlace(
  folder: DataFolder,
  wanted: Pick<TemporalPlace, 'port' | 'uiPort'>,
): Promise<TemporalPlace> {
  const port = await findFreePort(wanted.port);
  const uiPort = await findFreePort(wanted.uiPort, [port]);
  const host = hiddenAddress();
  return {
    ...{ port, uiPort, ui: { host, port: await findFreePort(0, [port, uiPort], host) } },
    namespace: await obtainNamespace(folder),
  };
}

/**
 * A loopback address that nobody guesses. Temporal's UI answers anyone who knows where it is, whatever name they call it by, so
 * that a web page whose name leads to 127.0.0.1 could use it. With the port there are some 2^38 places to look at. Only
 * Linux answers for all of 127.0.0.0/8.
 */
function hiddenAddress(): string {
  if (process.platform !== 'linux') return '127.0.0.1';
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}

/**
 * The namespace of what runs on a data folder. Of its own, so that a worker that outlived its server can never work for
 * another one's that happens to listen on the same port; and random, so that anyone who cannot read the folder cannot tell it
 * from the folder's path.
 */
async function obtainNamespace(folder: DataFolder): Promise<string> {
  const file = join(folder.root, 'temporal.namespace');
  await makeDurably(file, `supplant-${randomBytes(12).toString('hex')}\n`);
  return (await readFile(file, 'utf8')).trim();
}
