import { isUtf8 } from 'node:buffer';
import { type Stats, lstatSync, opendirSync, readlinkSync, realpathSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { CopyProgress } from './copy-progress.ts';
import { placeLink } from './folder-links.ts';

/** One thing in a folder, by its path within it. */
export type FolderEntry =
  | { kind: 'folder'; path: string }
  /** `from` is where its content is read: elsewhere, for a link that leads to a file outside. */
  | { kind: 'file'; path: string; from: string; executable: boolean; size: number }
  /** Relative, and within the folder. */
  | { kind: 'link'; path: string; target: string };

/** Bounds of a folder that can be deployed. */
export interface FolderLimits {
  /** Files, links and folders in it. */
  entries: number;
  bytes: number;
}

/** Enough for people's and programs' own folders, and too little to fill a disk by mistake. They bound what a copy may cost. */
export const FOLDER_LIMITS: FolderLimits = { entries: 100_000, bytes: 1024 ** 3 };

/** The folder cannot be deployed as it is; each line says what is in the way. */
export class FolderFaults extends Error {
  override readonly name = 'FolderFaults';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('; '));
    this.faults = faults;
  }
}

/** Told at once; a person mends these and learns of the rest. */
const MOST_FAULTS = 10;

/**
 * Everything in a folder, in an order that follows from the paths alone. Blocks: to be called in a thread of its own.
 *
 * @throws FolderFaults for what cannot be copied as it is
 */
export function readEntries(
  folder: string,
  limits: FolderLimits = FOLDER_LIMITS,
  progress = new CopyProgress(),
): FolderEntry[] {
  return new Walk(folder, limits, progress).entries();
}

class Walk {
  readonly #given: string;
  readonly #root: string;
  readonly #limits: FolderLimits;
  readonly #progress: CopyProgress;
  readonly #faults: string[] = [];
  readonly #found: FolderEntry[] = [];
  #bytes = 0;

  constructor(folder: string, limits: FolderLimits, progress: CopyProgress) {
    this.#given = folder;
    this.#root = realpathSync(folder);
    this.#limits = limits;
    this.#progress = progress;
  }

  entries(): FolderEntry[] {
    const todo = [''];
    const { dev } = lstatSync(this.#root);
    if (isMadeUp(this.#root)) throw new FolderFaults([`${this.#given} ${MADE_UP_FAULT}`]);
    for (let path = todo.pop(); path !== undefined && !this.#isEnough(); path = todo.pop()) {
      for (const name of this.#names(path)) {
        if (this.#isEnough()) break;
        const below = this.#add(path === '' ? name : `${path}/${name}`, dev);
        if (below !== undefined) todo.push(below);
      }
    }
    if (this.#faults.length > 0) throw new FolderFaults(this.#faults);
    return this.#found.sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  #isEnough(): boolean {
    return this.#faults.length >= MOST_FAULTS;
  }

  /** The entry's path when it is a folder, whose entries are next. */
  #add(path: string, dev: number): string | undefined {
    const full = join(this.#root, path);
    this.#progress.add('names');
    const stat = lstatSync(full, { throwIfNoEntry: false });
    // Removed since it was listed: as if it had never been there.
    if (!stat) return undefined;
    if (stat.isDirectory()) {
      if (stat.dev !== dev && isMadeUp(full)) {
        this.#fault(path, MADE_UP_FAULT);
        return undefined;
      }
      this.#take({ kind: 'folder', path });
      return path;
    }
    if (stat.isSymbolicLink()) this.#addLink(path, full);
    else if (stat.isFile()) this.#addFile(path, full, stat);
    else this.#fault(path, `is ${specialKind(stat)}, which cannot be copied`);
    return undefined;
  }

  #addFile(path: string, from: string, { mode, size }: Stats): void {
    this.#take({ kind: 'file', path, from, executable: (mode & 0o100) !== 0, size });
    this.#bytes += size;
    const { bytes } = this.#limits;
    if (this.#bytes > bytes) this.#tooMuch(`holds more than ${bytes / 1024 ** 2} MiB`);
  }

  #addLink(path: string, full: string): void {
    const placed = placeLink({ root: this.#root, given: this.#given }, path, readlinkSync(full));
    if (placed.kind === 'inside') this.#take({ kind: 'link', path, target: placed.target });
    else if (placed.kind === 'nowhere') {
      this.#fault(path, `is a link out of the folder to ${placed.target}, where nothing is`);
    } else if (placed.stat.isFile() && !isMadeUp(placed.target)) this.#addFile(path, placed.target, placed.stat);
    else {
      const what = placed.stat.isFile() ? 'a file that the kernel makes' : specialKind(placed.stat);
      const advice = placed.stat.isDirectory() ? '; put a copy of it there, or leave the link out' : '';
      this.#fault(path, `is a link out of the folder to ${placed.target}, ${what}, which is not copied${advice}`);
    }
  }

  #names(path: string): string[] {
    const names: string[] = [];
    const full = join(this.#root, path);
    try {
      // One at a time: a folder of a million names must not be listed before it is refused.
      const folder = opendirSync(full, { encoding: 'buffer' as BufferEncoding, bufferSize: 512 });
      try {
        for (let entry = folder.readSync(); entry && !this.#isEnough(); entry = folder.readSync()) {
          const name = entry.name as unknown as Buffer;
          this.#progress.add('listed');
          if (isUtf8(name)) names.push(name.toString());
          else this.#fault(join(path, shown(name)), 'has a name that is not UTF-8; rename it');
          if (this.#found.length + names.length > this.#limits.entries) {
            this.#tooMuch(`holds more than ${this.#limits.entries.toLocaleString('en')} files`);
          }
        }
      } finally {
        folder.closeSync();
      }
    } catch (error) {
      const reason = unreadable(error);
      if (reason === undefined) throw error;
      this.#fault(path, reason);
    }
    return names;
  }

  #take(entry: FolderEntry): void {
    this.#found.push(entry);
  }

  #fault(path: string, what: string): void {
    this.#faults.push(`${join(this.#given, path)} ${what}`);
    if (this.#isEnough()) this.#faults.push('and more may be in the way: not all of it was looked at');
  }

  #tooMuch(what: string): never {
    const { entries, bytes } = this.#limits;
    const most = `a folder to deploy may hold ${entries.toLocaleString('en')} files and ${bytes / 1024 ** 2} MiB`;
    throw new FolderFaults([...this.#faults, `${this.#given} ${what}: ${most}; use a smaller one`]);
  }
}

/** What a failed read of a file or folder says about it; undefined where it says nothing about the input. */
export function unreadable(error: unknown): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM') return "cannot be read by the worker's user";
  return code === 'ENAMETOOLONG' ? 'has too long a path' : undefined;
}

/** From Linux' magic numbers (`statfs(2)`): file systems whose files are made as they are read. */
const MADE_UP = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163, 0x1cd1, 0xcafe4a11, 0x73636673, 0x62656570,
]);

const MADE_UP_FAULT = 'is made by the kernel and holds no files that could be copied';

function isMadeUp(path: string): boolean {
  return MADE_UP.has(statfsSync(path).type);
}

function specialKind(stat: Stats): string {
  if (stat.isDirectory()) return 'a folder';
  if (stat.isFIFO()) return 'a named pipe';
  if (stat.isSocket()) return 'a socket';
  return 'a device';
}

/** Bytes that are no UTF-8, legibly: `caf\xe9`. */
function shown(name: Buffer): string {
  return [...name]
    .map((byte) =>
      byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}
