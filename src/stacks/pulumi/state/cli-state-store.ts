import { waitUntil } from '../../../host/polling.ts';
import type { StackId } from '../../blueprint.ts';
import { EngineError } from '../../driver.ts';
import { type CloudKey, type StackState, readCheckpoint } from './checkpoint.ts';
import type { CliAnswer, CliCall, EngineCli } from './engine-cli.ts';
import { describeObjectStore } from './object-store-url.ts';
import type { SecretProof } from './secret-proof.ts';
import type { EngineLock, StateStore } from './state-store.ts';

/** No environment is called so: their names have small letters only. */
const OWN_PROJECT = 'Supplant';
const PROOF = { project: OWN_PROJECT, stack: 'proof' };
const PROOF_TAG = 'supplant:proof';
/** It has no secrets; the engine makes no stack without being able to keep some. */
const NO_PASSPHRASE = { PULUMI_CONFIG_PASSPHRASE: '', PULUMI_CONFIG_PASSPHRASE_FILE: '' };
/** Far longer than whoever has made the stack of the proof takes to write it. */
const PROOF_MS = 20_000;

/** Two that lock a stack at the same moment both let go of it. */
const TRIES = 3;

/** What a file in a bucket is called in messages, who wrote it, and when. */
const LOCK =
  /^\s+(?<path>\S.*): created by (?<username>.*)@(?<hostname>\S*) \(pid (?<pid>\d+)\) at (?<timestamp>\S+)$/gm;

const IS_MISSING = 'no stack named';
const EXISTS = 'already exists';
const IS_LOCKED = 'the stack is currently locked by';

/**
 * State that only the engine's command line can reach: object stores of clouds. Each question takes one process, half a
 * second and what the network takes; each is asked so that no secret is printed. The messages are those of Pulumi 3.230.
 *
 * It cannot do three things that others do: remove one lock of several, since the command line removes them all or none; keep
 * an engine that has lost its stack from writing; and forget what an earlier, interrupted removal has left of a stack's history.
 */
export class CliStateStore implements StateStore, SecretProof {
  readonly #cli: EngineCli;
  readonly #place: string;
  readonly #key: CloudKey | undefined;

  /**
   * @param url the backend's
   * @param key what encrypts the secrets of stacks that are made from here on; a passphrase unless told
   */
  constructor(cli: EngineCli, url: string, key?: CloudKey) {
    this.#cli = cli;
    this.#place = describeObjectStore(url);
    this.#key = key;
  }

  async read(id: StackId): Promise<StackState | undefined> {
    const exported = await this.#export(id);
    if (exported === undefined) return undefined;
    const { version, deployment } = exported;
    return readCheckpoint(JSON.stringify({ version, checkpoint: { latest: deployment ?? {} } }), this.#placeOf(id));
  }

  async initialise({ project, stack }: StackId): Promise<void> {
    const key = this.#key;
    const files = key && { [`Pulumi.${stack}.yaml`]: describeKey(key) };
    const more = key ? ['--secrets-provider', key.url] : [];
    await this.#init({ project, stack }, { project, ...(files ? { files } : {}) }, more);
  }

  async list(): Promise<StackId[]> {
    const { stdout } = this.#sound(
      await this.#cli.run(['stack', 'ls', '--all', '--json'], { project: OWN_PROJECT }),
      'its stacks cannot be listed',
    );
    const stacks = JSON.parse(stdout) as { name: string }[];
    return stacks.flatMap(({ name }) => {
      const [, project, stack] = /^organization\/([^/]+)\/([^/]+)$/.exec(name) ?? [];
      return project === undefined || stack === undefined || project === OWN_PROJECT ? [] : [{ project, stack }];
    });
  }

  async forget(id: StackId): Promise<void> {
    const locks = await this.#ask(['cancel', '--yes'], id);
    if (!locks.ok && locks.stderr.includes(IS_MISSING)) return;
    this.#sound(locks, `the locks of ${id.stack} cannot be removed`);
    const removed = await this.#ask(['stack', 'rm', '--force', '--yes', '--remove-backups', '--preserve-config'], id);
    if (!removed.ok && removed.stderr.includes(IS_MISSING)) return;
    this.#sound(removed, `${id.stack} cannot be removed`);
  }

  async removeLocks(id: StackId, isStale: (lock: EngineLock) => boolean): Promise<EngineLock[]> {
    const locks = await this.#locks(id);
    const left = locks.filter((lock) => !isStale(lock));
    if (locks.length > 0 && left.length === 0) {
      this.#sound(await this.#ask(['cancel', '--yes'], id), `the locks of ${id.stack} cannot be removed`);
    }
    return left;
  }

  /** What is imported has no pending operations, whatever it was given. */
  async clearPending(id: StackId): Promise<void> {
    const exported = await this.#export(id);
    if (exported === undefined) throw new EngineError(`the state of ${id.stack} is gone`);
    const files = { 'state.json': JSON.stringify(exported) };
    const imported = await this.#ask(['stack', 'import', '--file', 'state.json'], id, files);
    this.#sound(imported, `pending operations of ${id.stack} cannot be removed`);
  }

  async readProof(): Promise<string | undefined> {
    const { ok, stdout, stderr } = await this.#ask(['stack', 'tag', 'get', PROOF_TAG], PROOF);
    if (ok) return stdout.trim();
    if (stderr.includes(IS_MISSING) || stderr.includes('not found for stack')) return undefined;
    throw this.#failed(stderr, 'what proves its secret cannot be read');
  }

  /** Only one of several makes its stack; the others wait for what that one writes. */
  async addProof(proof: string): Promise<string> {
    const isFirst = await this.#init(PROOF, { project: OWN_PROJECT, env: NO_PASSPHRASE });
    let kept: string | undefined;
    const isKept = async (): Promise<boolean> => (kept = await this.readProof()) !== undefined;
    if (!isFirst && (await waitUntil(PROOF_MS, isKept))) return kept ?? proof;
    this.#sound(
      await this.#ask(['stack', 'tag', 'set', PROOF_TAG, proof], PROOF),
      'what proves its secret cannot be kept',
    );
    return proof;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Whether the stack was made: false where it was there. */
  async #init({ project, stack }: StackId, call: CliCall, more: readonly string[] = []): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      const args = ['stack', 'init', nameOf({ project, stack }), '--no-select', ...more];
      const { ok, stderr } = await this.#cli.run(args, call);
      if (ok) return true;
      if (stderr.includes(EXISTS)) return false;
      if (!stderr.includes(IS_LOCKED) || attempt === TRIES) throw this.#failed(stderr, `${stack} cannot be made`);
    }
  }

  /** Asked of a renaming to its own name, which looks at the locks, then refuses, and changes nothing. */
  async #locks(id: StackId): Promise<EngineLock[]> {
    const { ok, stderr } = await this.#ask(['stack', 'rename', nameOf(id)], id);
    if (!ok && (stderr.includes(EXISTS) || stderr.includes(IS_MISSING))) return [];
    if (ok || !stderr.includes(IS_LOCKED)) throw this.#failed(stderr, `the locks of ${id.stack} cannot be read`);
    return [...stderr.matchAll(LOCK)].map(({ groups = {} }) => ({
      path: groups.path ?? '',
      username: groups.username ?? '',
      hostname: groups.hostname ?? '',
      pid: Number(groups.pid),
      timestamp: groups.timestamp ?? '',
    }));
  }

  /** As it is kept: what is secret stays encrypted. */
  async #export(id: StackId): Promise<{ version: number; deployment: unknown } | undefined> {
    const exported = await this.#ask(['stack', 'export'], id);
    if (!exported.ok && exported.stderr.includes(IS_MISSING)) return undefined;
    const { stdout } = this.#sound(exported, `the state of ${id.stack} cannot be read`);
    return JSON.parse(stdout) as { version: number; deployment: unknown };
  }

  async #ask(args: readonly string[], id: StackId, files: Record<string, string> = {}): Promise<CliAnswer> {
    return this.#cli.run([...args, '--stack', nameOf(id)], { project: id.project, files });
  }

  #sound(answer: CliAnswer, what: string): CliAnswer {
    if (answer.ok) return answer;
    throw this.#failed(answer.stderr, what);
  }

  #failed(stderr: string, what: string): EngineError {
    const said = stderr.trim().replace(/^error: /, '');
    return new EngineError(`the state at ${this.#place} cannot be used: ${what}: ${said.slice(0, 1_000)}`, said);
  }

  #placeOf({ project, stack }: StackId): string {
    return `of ${project}/${stack} at ${this.#place}`;
  }
}

/** As the settings of a stack have it. */
function describeKey({ url, encryptedKey }: CloudKey): string {
  return JSON.stringify({ secretsprovider: url, encryptedkey: encryptedKey });
}

function nameOf({ project, stack }: StackId): string {
  return `organization/${project}/${stack}`;
}
