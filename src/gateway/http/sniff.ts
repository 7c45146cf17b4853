import type { Socket } from 'node:net';

/** How an HTTP/2 connection begins: https://www.rfc-editor.org/rfc/rfc9113#section-3.4 */
const PREFACE = 'PRI';

/** How long a connection may say nothing at first, in milliseconds. */
const FIRST_BYTES_MS = 10_000;

/** Which HTTP a client speaks, from its first bytes, which are put back; undefined when it says nothing. */
export function sniffHttpVersion(socket: Socket, tell: (version: 1 | 2 | undefined) => void): void {
  let begun = Buffer.alloc(0);
  const told = (version: 1 | 2 | undefined): void => {
    clearTimeout(timer);
    socket.off('readable', look);
    socket.off('end', gone);
    socket.off('close', gone);
    if (begun.length > 0) socket.unshift(begun);
    tell(version);
  };
  const gone = (): void => told(undefined);
  const look = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (!chunk) return;
    begun = Buffer.concat([begun, chunk]);
    const start = begun.subarray(0, PREFACE.length).toString('latin1');
    if (start === PREFACE) told(2);
    else if (!PREFACE.startsWith(start)) told(1);
  };
  const timer = setTimeout(gone, FIRST_BYTES_MS);
  socket.on('readable', look);
  socket.on('end', gone);
  socket.on('close', gone);
}
