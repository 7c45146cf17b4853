import type { JsonObject } from '../../src/domain/json.ts';
import type { BlueprintHost, EngineHost, StackId } from '../../src/stacks/blueprint.ts';
import { createProcess } from './create-process.ts';
import { logPath, recordPath, revisionDir } from './layout.ts';
import { removeProcess } from './processes.ts';
import { findProcess } from './read-process.ts';
import type { ProcessRecord, ProcessSpec } from './records.ts';
import { ensureRelease, findRelease, removeRevisionDir } from './release.ts';
import { PROCESS_TYPE, RELEASE_TYPE, type ReleaseArgs } from './resources.ts';

/**
 * What the provider can do with one type of resource. Each may be repeated after any interruption; `create` adopts what
 * is there.
 */
export interface Kind {
  type: string;
  create(id: StackId, name: string, inputs: JsonObject): Promise<object>;
  /** Undefined when it is gone. */
  read(id: StackId, name: string, state: JsonObject): Promise<FoundResource | undefined>;
  delete(id: StackId, name: string): Promise<void>;
}

/** A resource as it is now. */
export interface FoundResource {
  state: object;
  /** What of it is not as it was made, beside what it was told to be. */
  differs?: JsonObject;
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
      const release = await findRelease(revision(id));
      return release && { state: { ...release, configured: state.configured } };
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
      const found = await findProcess(path(id, name));
      if (!found) return undefined;
      const { record, isDisplaced } = found;
      return { state: state(id, properties, record), ...(isDisplaced ? { differs: { port: 'taken' } } : {}) };
    },
    async delete(id, name) {
      await removeProcess(host.dataDir, path(id, name));
    },
  };
}
