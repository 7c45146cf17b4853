import { resolve } from 'node:path';
import type { SupplantClient } from '../contract/supplant-client.ts';
import type { CommandContext } from './context.ts';
import type { CommonOptions } from './terminal.ts';
import { Terminal } from './terminal.ts';

/** What a command works with. */
export interface Session {
  context: CommandContext;
  terminal: Terminal;
  dataDir: string;
  /** Which gateway, where the user names one of the contexts. */
  gateway?: string;
  /** Name of the caller, for the record. */
  actor: string;
}

/** In the working directory. */
export const DEFAULT_DATA = '.supplant';

export function openSession(context: CommandContext, options: CommonOptions): Session {
  const { env } = context;
  const folder = options.data ?? env.SUPPLANT_DATA ?? '';
  return {
    context,
    terminal: new Terminal(context, options),
    ...(options.context === undefined ? {} : { gateway: options.context }),
    dataDir: resolve(context.workingDirectory, folder === '' ? DEFAULT_DATA : folder),
    actor:
      env.SUPPLANT_ACTOR === undefined || env.SUPPLANT_ACTOR.trim() === '' ? context.person : env.SUPPLANT_ACTOR.trim(),
  };
}

/** Connects, does the work, and lets go of the connection however it ends. */
export async function withClient<Result>(
  session: Session,
  work: (client: SupplantClient) => Promise<Result>,
): Promise<Result> {
  const { context, dataDir, gateway } = session;
  const client = await context.connect({ dataDir, ...(gateway === undefined ? {} : { context: gateway }) });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
