import type { IncomingMessage } from 'node:http';
import { LIMITS } from './limits.ts';

/**
 * For an answer that is complete before its request is: should the connection end with it, Node would close it at once,
 * and the unread rest of the request would make that a reset, which takes the answer away from a client that has not
 * read it yet. So only the writing side is closed, until the request has been read (RFC 9112, 9.6).
 */
export function lingerUntilRead(request: IncomingMessage): void {
  const { socket } = request;
  let lingers = false;
  socket.destroySoon = () => {
    lingers = true;
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LIMITS.lingerMs);
    socket.once('close', () => clearTimeout(timer));
  };
  const stop = () => {
    request.off('end', stop);
    socket.off('end', stop);
    // What the prototype has is good again.
    Reflect.deleteProperty(socket, 'destroySoon');
    if (lingers) socket.destroySoon();
  };
  request.once('end', stop);
  // A client that stops in the middle of its request.
  socket.once('end', stop);
  request.resume();
}
