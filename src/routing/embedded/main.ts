import { AdminDoor } from './admin-door.ts';
import { createAdminServer } from './admin-server.ts';
import { clearStaleSocket, listenPrivately } from './admin-socket.ts';
import { Connections } from './connections.ts';
import { LIMITS } from './limits.ts';
import { MetricsDoor } from './metrics-door.ts';
import { type RouterProcessOptions, parseRouterArguments } from './options.ts';
import { RouteTable } from './route-table.ts';
import { StateFile } from './state-file.ts';

try {
  await start(parseRouterArguments(process.argv.slice(2), process.env));
} catch (error) {
  console.error(`router: ${(error as Error).message}`);
  process.exit(1);
}

async function start(options: RouterProcessOptions): Promise<void> {
  const { data, socket, graceMs, clients, admin: doorOptions } = options;
  process.umask(0o077);
  surviveParent();
  await clearStaleSocket(socket);
  const file = new StateFile(data);
  const table = new RouteTable(file, new Connections(), clients);
  await table.restore(file.read());
  const admin = createAdminServer(table);
  await listenPrivately(admin, socket);
  const door = doorOptions && (await AdminDoor.open(table, doorOptions));
  const metrics = options.metrics && (await MetricsDoor.open(table, options.metrics));

  const reclaiming = setInterval(() => {
    // The disk refused to keep it: tried again.
    table.reclaimPorts().catch((error: unknown) => console.error(`router: ${(error as Error).message}`));
    void door?.refresh();
  }, LIMITS.reclaimMs);

  let ending = false;
  const end = async () => {
    // A parent passes on the SIGINT that the terminal sent to both of them: twice is no more urgent than once.
    if (ending) return;
    ending = true;
    clearInterval(reclaiming);
    admin.close();
    admin.closeAllConnections();
    door?.close();
    metrics?.close();
    await table.shutDown(graceMs);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => void end());
  const ports = { ...(door ? { adminPort: door.port } : {}), ...(metrics ? { metricsPort: metrics.port } : {}) };
  console.log(JSON.stringify({ ready: true, pid: process.pid, ...ports }));
}

/** Traffic goes on when the reader of the output has died. */
function surviveParent(): void {
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
}
