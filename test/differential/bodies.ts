import { setTimeout as pause } from 'node:timers/promises';
import type { Socket } from 'node:net';
import type { BodyScript, Fields } from './script.ts';

/** What a message is made of on the wire. A piece is written at once. */
export function headText(line: string, fields: Fields): string {
  return `${line}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** The fields that say how the body ends. */
export function framingFields({ framing, pieces, trailers, announces }: BodyScript): Fields {
  if (framing === 'length') return [['Content-Length', String(pieces.reduce((sum, piece) => sum + piece, 0))]];
  if (framing !== 'chunked') return [];
  const names = [...new Set(trailers.map(([name]) => name))];
  return [
    ['Transfer-Encoding', 'chunked'],
    ...(announces && names.length > 0 ? ([['Trailer', names.join(', ')]] as Fields) : []),
  ];
}

/** @returns the pieces of the body as they go over the wire, the last one with its end */
export function bodyPieces({ framing, pieces, trailers }: BodyScript): Buffer[] {
  let at = 0;
  const contents = pieces.map((size) => {
    const bytes = Buffer.alloc(size);
    // Bytes that tell where they belong.
    for (let index = 0; index < size; index += 1) bytes[index] = (at + index + ((at + index) >> 8)) & 0xff;
    at += size;
    return bytes;
  });
  if (framing !== 'chunked') return contents.filter((bytes) => bytes.length > 0);
  const chunks = contents
    .filter((bytes) => bytes.length > 0)
    .map((bytes) => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]));
  return [...chunks, Buffer.from(headText('0', trailers), 'latin1')];
}

/** Writes as fast as the other side reads; stops when it has gone. */
export async function writeAll(socket: Socket, pieces: readonly Buffer[], slow: boolean): Promise<void> {
  for (const piece of pieces) {
    if (slow) await pause(1);
    if (socket.destroyed || !socket.writable) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        socket.off('close', done);
        resolve();
      };
      socket.once('close', done);
      socket.write(piece, done);
    });
  }
}
