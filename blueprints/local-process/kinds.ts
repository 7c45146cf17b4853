import type { JsonObject } from '../../src/domain/json.ts';
import type { BlueprintHost, EngineHost, StackId } from '../../src/stacks/blueprint.ts';
import { readLatestClaim } from '../../src/host/claims.ts';
import { createProcess } from './create-process.ts';
import { logPath, recordPath, revisionDir } from './layout.ts';
import { members } from './members.ts';
import { removeProcess } from './processes.ts';
import { type ProcessRecord, type ProcessSpec, readRecord } from './records.ts';
import { ensureRelease, readRelease, removeRevisionDir } from './release.ts';
import { PROCESS_TYPE, RELEASE_TYPE, type ReleaseArgs } from './resources.ts';

/**
 * What the provider can do with one type of resource. Each may be repeated after any interruption; `create` adopts what
 * is there.
 */
export interface Kind {
  type: string;
  create(id: StackId, name: string, inputs: JsonObject): Promise<object>;
  /** Undefined when it is gone. */
  read(id: StackId, name: string, state: JsonObject): Promise<object | undefined>;
  delete(id: StackId, name: string): Promise<void>;
}

/** Where the kinds keep what they make, and who tells them to stop. */
export type KindsHost = Pick<BlueprintHost, 'dataDir'> & EngineHost;

export function releaseKind(host: KindsHost): Kind {
  const revision = (id: StackId): string => revisionDir(host.dataDir, id);
  return {
    type: RELEASE_TYPE,
    async create(id, _name, inputs) {
      const { source, configured } = inputs as unknown as ReleaseArgs;
      const release = await ensureRelease(host.dataDir, revision(id), source, configured, host.signalOf(id));
      return { ...release, configured };
    },
    async read(id, _name, state) {
      const release = await readRelease(revision(id));
      return release && { ...release, configured: state.configured };
    },
    async delete(id) {
      await removeRevisionDir(host.dataDir, revision(id));
    },
  };
}

export function processKind(host: KindsHost): Kind {
  const path = (id: StackId, name: string): string => recordPath(revisionDir(host.dataDir, id), name);
  const state = (id: StackId, inputs: JsonObject, record: ProcessRecord): object => ({
    ...inputs,
    host: record.host,
    port: record.port,
    url: `http://${record.host}:${record.port}`,
    logs: logPath(revisionDir(host.dataDir, id), record.name),
  });
  return {
    type: PROCESS_TYPE,
    async create(id, name, inputs) {
      const { env, secrets, ...rest } = inputs as unknown as Omit<ProcessSpec, 'env' | 'secrets'> &
        Record<'env' | 'secrets', [string, string][]>;
      const spec: ProcessSpec = { ...rest, env: Object.fromEntries(env), secrets: Object.fromEntries(secrets) };
      const record = await createProcess(host.dataDir, path(id, name), name, spec, host.signalOf(id));
      return state(id, inputs, record);
    },
    async read(id, name, properties) {
      const record = await readRecord(path(id, name));
      const start = await readLatestClaim(path(id, name));
      if (!record || members(path(id, name), start).length === 0) return undefined;
      return state(id, properties, record);
    },
    async delete(id, name) {
      await removeProcess(host.dataDir, path(id, name));
    },
  };
}
