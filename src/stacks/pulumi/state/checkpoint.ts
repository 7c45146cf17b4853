import type { StackId } from '../../blueprint.ts';
import { EngineError } from '../../driver.ts';

/** A stack's state, as far as this driver reads it. */
export interface StackState {
  resources: StateResource[];
  /** Changes that were begun and whose outcome is not recorded: facts to resolve, not warnings. */
  pending: { urn: string; operation: string }[];
}

export interface StateResource {
  urn: string;
  type: string;
  outputs: Record<string, unknown>;
}

/** What encrypts the secrets in the state where no passphrase does: a key that a cloud's key service alone can decrypt. */
export interface CloudKey {
  /** What the engine calls the service's own key: `awskms://alias/supplant`. */
  url: string;
  /** In base64, as the engine keeps it. */
  encryptedKey: string;
}

/** As the engine writes it, where this driver reads it. */
interface Checkpoint {
  version: number;
  checkpoint: {
    latest?: {
      resources?: { urn: string; type: string; outputs?: Record<string, unknown> }[];
      pending_operations?: { resource: { urn: string }; type: string }[];
    };
  };
}

/** Deployment schema versions written by the engine this project pins. */
const KNOWN_VERSIONS = [3, 4];

/**
 * The record of a stack that has nothing in it.
 * @param key what encrypts its secrets; the engine asks for a passphrase unless told
 */
export function writeEmptyCheckpoint({ project, stack }: StackId, key?: CloudKey): string {
  const latest = key && {
    manifest: { time: new Date(0).toISOString(), magic: '', version: '' },
    secrets_providers: { type: 'cloud', state: { url: key.url, encryptedkey: key.encryptedKey } },
  };
  return format({
    version: 3,
    checkpoint: { stack: `organization/${project}/${stack}`, ...(latest ? { latest } : {}) },
  });
}

/**
 * Reads a stack's record. Its schema is that of Pulumi 3.230 (`sdk/go/common/apitype`).
 * @param place where it is, for people
 * @throws EngineError where it is unknown or broken: nothing is guessed
 */
export function readCheckpoint(text: string, place: string): StackState {
  const file = parse(text, place);
  const { resources = [], pending_operations: pending = [] } = file.checkpoint.latest ?? {};
  return {
    resources: resources.map(({ urn, type, outputs = {} }) => ({ urn, type, outputs })),
    pending: pending.map(({ resource, type }) => ({ urn: resource.urn, operation: type })),
  };
}

/** The same record without its pending operations. */
export function withoutPending(text: string, place: string): string {
  const file = parse(text, place);
  delete file.checkpoint.latest?.pending_operations;
  return format(file);
}

function parse(text: string, place: string): Checkpoint {
  let file: Checkpoint;
  try {
    file = JSON.parse(text) as Checkpoint;
  } catch {
    throw new EngineError(`the state ${place} is not JSON; restore it from a backup, or from the .bak beside it`);
  }
  if (KNOWN_VERSIONS.includes(file.version)) return file;
  throw new EngineError(`the state ${place} has version ${file.version}; known are ${KNOWN_VERSIONS.join(' and ')}`);
}

function format(file: object): string {
  return `${JSON.stringify(file, null, 4)}\n`;
}
