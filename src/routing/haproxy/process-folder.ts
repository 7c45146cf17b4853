import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceKey } from '../../domain/service/service.ts';
import { writeDurably } from '../../host/durable-file.ts';
import type { ProcessIdentity } from '../../host/process-identity.ts';
import { COHORT_MAPS } from './cohort-map.ts';
import { ROUTE_MAP } from './config.ts';
import type { Slot } from './slots.ts';

/** What has to be known of a HAProxy by the next process of this router. */
export interface ProcessRecord {
  v: 1;
  service: ServiceKey;
  port: number;
  /** The IP address that its port is open at; the router's own where it is absent, as earlier versions left it. */
  listen?: string;
  /** It serves the service's preview address. */
  isPreview?: true;
  slots: Slot[];
  /** Absent until it is known. */
  identity?: ProcessIdentity;
  /** Its port is given up. */
  isLeaving?: true;
}

/** How many bytes the path of a runtime socket is longer than that of its folder, with what HAProxy appends while it makes one. */
export const SOCKET_BYTES = '/12345678.sock.4194304.tmp'.length;

/** The files of one HAProxy. */
export class ProcessFolder {
  readonly path: string;
  readonly runtimeSocket: string;

  /** @param sockets the folder for runtime sockets, whose paths have to be short */
  constructor(root: string, sockets: string, name = randomBytes(4).toString('hex')) {
    this.path = join(root, name);
    this.runtimeSocket = join(sockets, `${name}.sock`);
  }

  static list(root: string, sockets: string): ProcessFolder[] {
    try {
      return readdirSync(root).map((name) => new ProcessFolder(root, sockets, name));
    } catch {
      return [];
    }
  }

  /** Undefined where none was written in whole: nothing was started yet. */
  readRecord(): ProcessRecord | undefined {
    try {
      return JSON.parse(readFileSync(join(this.path, 'record.json'), 'utf8')) as ProcessRecord;
    } catch {
      return undefined;
    }
  }

  async writeRecord(record: ProcessRecord): Promise<void> {
    await writeDurably(join(this.path, 'record.json'), JSON.stringify(record));
  }

  /** What HAProxy reads when it starts, all by relative paths. */
  async writeConfig(config: string, maps: { route: string; cohort: string }): Promise<void> {
    await mkdir(this.path, { recursive: true });
    await writeFile(join(this.path, 'haproxy.cfg'), config);
    await writeFile(join(this.path, ROUTE_MAP), maps.route);
    await writeFile(join(this.path, COHORT_MAPS.a), maps.cohort);
    await writeFile(join(this.path, COHORT_MAPS.b), '');
  }

  get log(): string {
    return join(this.path, 'haproxy.log');
  }

  /** What HAProxy said is wrong, a line each. */
  async readAlerts(): Promise<string> {
    const lines = (await readFile(this.log, 'utf8')).split('\n');
    const alerts = lines.filter((line) => line.startsWith('[ALERT]'));
    return (alerts.length > 0 ? alerts : lines.slice(-5)).join('; ').trim();
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
    await rm(this.runtimeSocket, { force: true });
  }
}
