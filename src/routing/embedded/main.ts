import { parseArgs } from 'node:util';
import { createAdminServer } from './admin-server.ts';
import { clearStaleSocket, listenPrivately } from './admin-socket.ts';
import { Connections } from './connections.ts';
import { LIMITS } from './limits.ts';
import { RouteTable } from './route-table.ts';
import { StateFile } from './state-file.ts';

const USAGE = `usage: main.ts --data DIR --socket PATH [--grace-ms N]

  --data DIR      where router.0.json and router.1.json are kept
  --socket PATH   unix socket for the admin plane
  --grace-ms N    how long requests may go on after SIGTERM or SIGINT (${LIMITS.shutdownMs})

Prints {"ready":true,"pid":N} once every route is restored and the admin plane listens.`;

interface Options {
  data: string;
  socket: string;
  graceMs: number;
}

try {
  await start(readOptions());
} catch (error) {
  console.error(`router: ${(error as Error).message}`);
  process.exit(1);
}

async function start({ data, socket, graceMs }: Options): Promise<void> {
  process.umask(0o077);
  surviveParent();
  await clearStaleSocket(socket);
  const file = new StateFile(data);
  const table = new RouteTable(file, new Connections());
  await table.restore(file.read());
  const admin = createAdminServer(table);
  await listenPrivately(admin, socket);

  const reclaiming = setInterval(() => {
    // The disk refused to keep it: tried again.
    table.reclaimPorts().catch((error: unknown) => console.error(`router: ${(error as Error).message}`));
  }, LIMITS.reclaimMs);

  let ending = false;
  const end = async () => {
    // A parent passes on the SIGINT that the terminal sent to both of them: twice is no more urgent than once.
    if (ending) return;
    ending = true;
    clearInterval(reclaiming);
    admin.close();
    admin.closeAllConnections();
    await table.shutDown(graceMs);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => void end());
  console.log(JSON.stringify({ ready: true, pid: process.pid }));
}

/** Traffic goes on when the reader of the output has died. */
function surviveParent(): void {
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: { data: { type: 'string' }, socket: { type: 'string' }, 'grace-ms': { type: 'string' } },
  });
  const graceMs = Number(values['grace-ms'] ?? LIMITS.shutdownMs);
  const faults = [
    ...(values.data ? [] : ['--data is missing']),
    ...(values.socket ? [] : ['--socket is missing']),
    ...(Number.isInteger(graceMs) && graceMs >= 0 ? [] : ['--grace-ms must be a whole number of milliseconds']),
  ];
  if (!values.data || !values.socket || faults.length > 0) throw new Error(`${faults.join('; ')}\n${USAGE}`);
  return { data: values.data, socket: values.socket, graceMs };
}
