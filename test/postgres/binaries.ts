import { accessSync, constants, globSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian puts each version, newest last. */
const DEBIAN = '/usr/lib/postgresql/*/bin';

/** The folder that `initdb` and `postgres` are in; undefined where Postgres is not installed. */
export function postgresBinaries(): string | undefined {
  const inVersions = globSync(DEBIAN).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...inVersions.toReversed()];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => canRun(join(folder, name))));
}

/** Whom Postgres is to be run as: it refuses to run as root. Undefined: as this process. */
export function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('there is no account to run Postgres as: neither postgres nor nobody');
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
