import { execFile } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresBinaries, unprivileged } from './binaries.ts';

/** Environment variable with the data folder of a new cluster that test files copy, where there is one. */
export const NEW_CLUSTER = 'SUPPLANT_TEST_POSTGRES';

export const USER = 'owner';
/** Something that can be searched for in messages, with what a URL has to encode. */
export const PASSWORD = 'pass/w@rd of:the owner';

const run = promisify(execFile);

/** The data of a cluster that was never started. */
export class NewCluster implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Undefined where Postgres is not installed. */
  static async make(): Promise<NewCluster | undefined> {
    const binaries = postgresBinaries();
    if (binaries === undefined) return undefined;
    const made = new NewCluster(await makeFolder());
    try {
      await initialise(binaries, made.#folder, { durable: false });
      return made;
    } catch (error) {
      await made[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where its data is. */
  get data(): string {
    return locateData(this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A temporary folder of whom Postgres is run as. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'supplant-postgres-'));
  const account = unprivileged();
  if (account) await chown(folder, account.uid, account.gid);
  return folder;
}

export function locateData(folder: string): string {
  return join(folder, 'data');
}

/** Makes a cluster's data in a folder: anew, or as a copy, which costs a tenth of that. */
export async function makeData(binaries: string, folder: string, durable: boolean): Promise<void> {
  const made = process.env[NEW_CLUSTER];
  if (made === undefined || durable) return initialise(binaries, folder, { durable });
  await run('cp', ['-R', made, locateData(folder)], { ...unprivileged(), cwd: folder });
}

async function initialise(binaries: string, folder: string, { durable }: { durable: boolean }): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD);
  const args = ['--pgdata', locateData(folder), '--username', USER, '--pwfile', passwordFile];
  const more = ['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', ...(durable ? [] : ['--no-sync'])];
  await run(join(binaries, 'initdb'), [...args, ...more], { ...unprivileged(), cwd: folder });
}
