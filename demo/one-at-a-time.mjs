// Put before a server by NODE_OPTIONS: it works on one request at a time, as a release does that holds a lock for too long.
// A check that asks now and then finds nothing wrong.
import { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long the lock is held for each request, in milliseconds. A tenth of the demo's load just fits. */
const HELD_MS = 30;

const emit = Server.prototype.emit;
let before = Promise.resolve();

Server.prototype.emit = function emitLater(event, ...parts) {
  if (event !== 'request') return emit.call(this, event, ...parts);
  before = before.then(() => sleep(HELD_MS)).then(() => void emit.call(this, event, ...parts));
  return true;
};
