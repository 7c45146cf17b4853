import { createReadStream } from 'node:fs';
import { BackupError } from './format.ts';

const NEWLINE = 0x0a;

export interface Line {
  number: number;
  /** Without its end. */
  bytes: Buffer;
  /** A line end follows; only the last line of a file that was cut off has none. */
  whole: boolean;
}

/** Splits at newlines alone: in JSON other line ends may stand as they are. */
export async function* readLines(file: string): AsyncGenerator<Line> {
  let number = 0;
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let from = 0;
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, from)) {
        number += 1;
        yield { number, bytes: rest.subarray(from, end), whole: true };
        from = end + 1;
      }
      rest = rest.subarray(from);
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  if (rest.length > 0) yield { number: number + 1, bytes: rest, whole: false };
}

function unreadable(file: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new BackupError(`${file}: there is no such file; name a backup`);
  if (code === 'EISDIR') return new BackupError(`${file} is a folder; name a backup in it`);
  if (code === 'EACCES') return new BackupError(`${file}: it may not be read; check who owns it`);
  return error;
}
