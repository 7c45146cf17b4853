import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { ApiError } from './api.ts';

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
export function contextsFile(env: Environment): string {
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
  const { value, faults } = parseContexts(text, dirname(path));
  if (faults.length === 0) return value;
  throw new ApiError('INVALID', `${path} is not right`, { faults });
}

const KEYS = ['server', 'token', 'tokenFile', 'ca', 'cert', 'key'] as const;
const PATHS: readonly string[] = ['tokenFile', 'ca', 'cert', 'key'];

/** `base` is what paths in the file are relative to. */
export function parseContexts(
  text: string,
  base: string,
): { value: Contexts; faults: { path: string; message: string }[] } {
  const faults: { path: string; message: string }[] = [];
  const fault = (path: string, message: string): void => void faults.push({ path, message });
  const root = mapping(parsed(text, fault), '', fault);
  const contexts: Record<string, GatewayContext> = {};
  for (const [name, raw] of Object.entries(mapping(root.contexts, 'contexts', fault))) {
    contexts[name] = readContext(mapping(raw, `contexts.${name}`, fault), `contexts.${name}`, base, fault);
  }
  for (const key of Object.keys(root)) {
    if (key !== 'current' && key !== 'contexts') fault(key, 'is not known; there is current and contexts');
  }
  const { current } = root;
  if (current !== undefined && (typeof current !== 'string' || !(current in contexts))) {
    fault('current', `must name one of the contexts: ${Object.keys(contexts).join(', ') || 'there is none'}`);
  }
  return { value: { ...(typeof current === 'string' ? { current } : {}), contexts }, faults };
}

type Report = (path: string, message: string) => void;

function readContext(fields: Record<string, unknown>, at: string, base: string, fault: Report): GatewayContext {
  const read: Record<string, string> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (!(KEYS as readonly string[]).includes(key)) fault(`${at}.${key}`, `is not known; there is ${KEYS.join(', ')}`);
    else if (typeof value !== 'string' || value === '') fault(`${at}.${key}`, 'must be text');
    else read[key] = PATHS.includes(key) ? resolve(base, value) : value;
  }
  if (!/:\d+$/.test(read.server ?? '')) fault(`${at}.server`, 'must be HOST:PORT, such as supplant.example.com:7700');
  if (read.token && read.tokenFile) fault(at, 'has both token and tokenFile; keep one');
  if ((read.cert === undefined) !== (read.key === undefined)) fault(at, 'needs cert and key together');
  return read as unknown as GatewayContext;
}

function parsed(text: string, fault: Report): unknown {
  try {
    return parse(text);
  } catch (error) {
    fault('', `is not YAML: ${(error as Error).message}`);
    return {};
  }
}

function mapping(value: unknown, path: string, fault: Report): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  fault(path, 'must be a mapping');
  return {};
}
