import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { faultMessage } from '../config/fault.ts';
import { ApiError } from '../contract/supplant-client.ts';
import { readServer } from './server-address.ts';

/** A gateway, and what to prove oneself by. Paths are absolute. */
export interface GatewayContext {
  /** `supplant.example.com:7700`; `https://supplant.example.com:7700` with an authority the system trusts. */
  server: string;
  token?: string;
  tokenFile?: string;
  /** Its certificate authority, where that is one of its own. */
  ca?: string;
  cert?: string;
  key?: string;
}

export interface Contexts {
  /** Used where nothing else says which. */
  current?: string;
  contexts: Record<string, GatewayContext>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `$SUPPLANT_CONFIG`, else `supplant/contexts.yaml` where the system keeps configuration. */
export function locateContexts(env: Environment): string {
  const { SUPPLANT_CONFIG: own, XDG_CONFIG_HOME: base } = env;
  if (own) return resolve(own);
  return join(base ? resolve(base) : join(homedir(), '.config'), 'supplant', 'contexts.yaml');
}

/** No file is no contexts. @throws ApiError INVALID with all that is wrong with the file */
export async function readContexts(path: string): Promise<Contexts> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { contexts: {} };
    throw error;
  }
  // Most have no such file, and should not wait for what reads it.
  const { parseContexts } = await import('./contexts-schema.ts');
  const read = parseContexts(text);
  if (!read.ok) {
    const faults = read.faults.map(({ path: key, line, column, ...words }) => ({
      path: `${path}:${line}:${column}${key === '' ? '' : ` ${key}`}`,
      message: faultMessage(words),
    }));
    throw new ApiError('INVALID', `${path} is not right`, { faults });
  }
  const { current, contexts } = read.value;
  const anchored = Object.entries(contexts ?? {}).map(
    ([name, each]) => [name, anchorPaths(each, dirname(path))] as const,
  );
  return { ...(current === undefined ? {} : { current }), contexts: Object.fromEntries(anchored) };
}

const PATHS = ['tokenFile', 'ca', 'cert', 'key'] as const;

/** What is absent stays absent. */
function anchorPaths(
  given: { [Key in keyof GatewayContext]: GatewayContext[Key] | undefined },
  base: string,
): GatewayContext {
  const { address, secure } = readServer(given.server ?? '');
  const context: GatewayContext = { server: secure ? `https://${address}` : address };
  if (given.token !== undefined) context.token = given.token;
  for (const key of PATHS) {
    const path = given[key];
    if (path !== undefined) context[key] = resolve(base, path);
  }
  return context;
}
