import { AdminDoor } from './admin-door.ts';
import { createAdminServer } from './admin-server.ts';
import { clearStaleSocket, listenPrivately } from './admin-socket.ts';
import { LIMITS } from './limits.ts';
import { MetricsDoor } from './metrics-door.ts';
import type { RouterProcessOptions } from './options.ts';
import type { Plane } from './plane.ts';
import { RouteTable } from './route-table.ts';
import { StateFile } from './state-file.ts';

/** What carries the routes of a router's process out, over its whole life. */
export interface Carrier {
  plane: Plane;
  /** Every route is as it was. */
  onRestored?: () => Promise<void>;
  /** Nothing is under way any more, or what was has been cut. */
  onEnd?: () => Promise<void>;
}

/** Takes up the routes in the data folder, and takes orders until a signal ends this process. */
export async function serveRouter(options: RouterProcessOptions, open: () => Promise<Carrier>): Promise<void> {
  const { data, socket, graceMs, admin: doorOptions } = options;
  process.umask(0o077);
  surviveParent();
  await clearStaleSocket(socket);
  const file = new StateFile(data);
  const { plane, onRestored, onEnd } = await open();
  const table = new RouteTable(file, plane);
  await table.restore(file.read());
  await onRestored?.();
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
    await onEnd?.();
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
