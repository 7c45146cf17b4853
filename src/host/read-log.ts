import { type FileHandle, open, stat } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { listLogFiles } from './log-files.ts';

export interface ReadLogOptions {
  /** How many lines before its end to begin with; everything that is kept unless told. */
  lines?: number;
  /** Whether to go on with what is written from then on, until `signal` aborts or the log is removed. */
  follow?: boolean;
  signal?: AbortSignal;
  /** Pause between two looks while following, in milliseconds. 200 unless told. */
  intervalMs?: number;
}

interface Position {
  /** The file as such, whatever its name is by now. */
  inode: number;
  offset: number;
}

const CHUNK = 64 * 1024;
/** A line without an end is handed on in pieces of this many characters. */
const LONGEST_LINE = 64 * 1024;

/**
 * The lines of a log whose files are rotated (`p1.log`, before it `p1.log.1`, …), oldest first, none twice and, unless
 * more was rotated away between two looks than is kept, none left out. A log that is not there has no lines; followed, it
 * is waited for.
 */
export async function* readLog(path: string, options: ReadLogOptions = {}): AsyncGenerator<string> {
  const { follow = false, signal, intervalMs = 200 } = options;
  const isOver = (): boolean => signal?.aborted === true;
  const splitter = new LineSplitter();
  let at = await startOf(path, options.lines);
  // So that older ones are not read again should the file that was read last be removed before them.
  let known = new Set<number>();
  for (let seen = false; !isOver();) {
    const files = await present(path);
    if (files.length === 0 && (seen || !follow)) break;
    seen ||= files.length > 0;
    const last = at?.inode;
    const due = files.some(({ inode }) => inode === last) ? files : files.filter(({ inode }) => !known.has(inode));
    known = new Set(files.map(({ inode }) => inode));
    for await (const chunk of chunksFrom(path, due, at)) {
      at = chunk.next;
      yield* splitter.lines(chunk.bytes);
      if (isOver()) return;
    }
    if (!follow) break;
    await sleep(intervalMs, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
  yield* splitter.rest();
}

/**
 * Its files that are there, newest first. Looked for one after the other in the direction in which they are renamed, so
 * that none is missed; one that is met twice counts where it went.
 */
async function present(path: string): Promise<{ inode: number; size: number }[]> {
  const found = new Map<number, number>();
  for (const file of listLogFiles(path)) {
    const known = await stat(file).catch(() => undefined);
    if (!known?.isFile()) continue;
    found.delete(known.ino);
    found.set(known.ino, known.size);
  }
  return [...found].map(([inode, size]) => ({ inode, size }));
}

/** What follows a position: the rest of its file, then the newer ones; all there is where its file is gone. */
async function* chunksFrom(
  path: string,
  files: Awaited<ReturnType<typeof present>>,
  at: Position | undefined,
): AsyncGenerator<{ bytes: Buffer; next: Position }> {
  const own = files.findIndex(({ inode }) => inode === at?.inode);
  const due = (own === -1 ? files : files.slice(0, own + 1)).toReversed();
  for (const { inode } of due) {
    const file = await openSame(path, inode);
    // Rotated away.
    if (!file) continue;
    try {
      // A file that was cut short by somebody else begins anew.
      const { size } = await file.stat();
      let offset = inode === at?.inode && at.offset <= size ? at.offset : 0;
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, offset);
        offset += bytesRead;
        yield { bytes: buffer.subarray(0, bytesRead), next: { inode, offset } };
        if (bytesRead === 0) break;
      }
    } finally {
      await file.close();
    }
  }
}

/** Opens a file of the log, whichever name it has by now; undefined where it has none any more. */
async function openSame(path: string, inode: number): Promise<FileHandle | undefined> {
  for (const name of listLogFiles(path)) {
    const file = await open(name, 'r').catch(() => undefined);
    if (file && (await file.stat()).ino === inode) return file;
    await file?.close();
  }
  return undefined;
}

/** Where the last `lines` lines begin; undefined for the beginning of everything. */
async function startOf(path: string, lines: number | undefined): Promise<Position | undefined> {
  if (lines === undefined) return undefined;
  const files = await present(path);
  const [newest] = files;
  if (lines <= 0) return newest && { inode: newest.inode, offset: newest.size };
  // An empty newest one says nothing of where the last line ends.
  const last = files.find(({ size }) => size > 0);
  let left = lines;
  for (const { inode, size } of files) {
    const file = await openSame(path, inode);
    if (!file) break;
    try {
      const found = await countBack(file, size, left, inode === last?.inode);
      if ('offset' in found) return { inode, offset: found.offset };
      left = found.left;
    } finally {
      await file.close();
    }
  }
  return undefined;
}

/** The offset after the `wanted`th line end from the end of a file, or how many it lacks. */
async function countBack(
  file: FileHandle,
  size: number,
  wanted: number,
  isLast: boolean,
): Promise<{ offset: number } | { left: number }> {
  let left = wanted;
  // The end of the very last line begins no further one.
  for (let end = isLast ? size - 1 : size; end > 0; end -= CHUNK) {
    const start = Math.max(0, end - CHUNK);
    const bytes = Buffer.alloc(end - start);
    await file.read(bytes, 0, bytes.length, start);
    for (let at = bytes.lastIndexOf(0x0a); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf(0x0a, at - 1)) {
      left -= 1;
      if (left === 0) return { offset: start + at + 1 };
    }
  }
  return { left };
}

class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #pending = '';

  *lines(bytes: Buffer): Generator<string> {
    const parts = (this.#pending + this.#decoder.write(bytes)).split('\n');
    this.#pending = parts.pop() ?? '';
    yield* parts;
    if (this.#pending.length < LONGEST_LINE) return;
    yield this.#pending;
    this.#pending = '';
  }

  *rest(): Generator<string> {
    const last = this.#pending + this.#decoder.end();
    if (last !== '') yield last;
  }
}
