import { delimiter } from 'node:path';
import { parseArgs } from 'node:util';
import type { ReaperSettings } from './activities/reaper/parts.ts';
import { parseDuration } from './config/duration.ts';
import { readServedPools } from './domain/pools/pool.ts';
import { ALLOW_VARIABLE, type AllowedHosts, readAllowedHosts } from './hooks/reachable.ts';
import { chooseStore } from './store/place.ts';
import { readDriftInterval } from './temporal/drift-settings.ts';
import { readReaperSettings } from './temporal/reaper-settings.ts';
import { WORKFLOWS, type WorkflowFiles } from './temporal/workflow-code.ts';

/** How a worker is run. */
export interface WorkerOptions {
  dataDir: string;
  /** A path or a `postgres://` URL; the file in the data folder unless told. */
  store?: string | undefined;
  /** Where the engine's state is: a folder or a URL. As the environment says unless told, else in a store that is Postgres. */
  state?: string | undefined;
  /** The deployment it is a version of, and which; see `workerVersion`. Takes whatever there is to do unless told. */
  deployment?: string | undefined;
  build?: string | undefined;
  workflows: WorkflowFiles;
  /** The pools whose engine operations it carries out; the default one unless told. */
  pools?: string[] | undefined;
  /** Modules of blueprints that services may use beside the built-in one. */
  blueprints?: readonly string[];
  /** When a resource's silent step counts as hung, in milliseconds. 1,800,000 unless told. */
  stepMs?: number | undefined;
  /** How the reaper is run; as is usual unless told. */
  reaper?: ReaperSettings | undefined;
  /** Between two looks for drift, in milliseconds, or `off`; an hour unless told. */
  driftEvery?: number | 'off' | undefined;
  /** Where hooks may lead beside public addresses; nowhere unless told. */
  hookHosts?: AllowedHosts | undefined;
}

/** What the command line and the environment say. @throws Error that names everything that is wrong with them */
export function readWorkerOptions(args: readonly string[], env: NodeJS.ProcessEnv): WorkerOptions {
  const string = { type: 'string' } as const;
  const repeated = { ...string, multiple: true } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: string,
      store: string,
      state: string,
      deployment: string,
      build: string,
      blueprint: repeated,
      pool: repeated,
    },
  });
  const faults: string[] = [];
  const orFault = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      faults.push((error as Error).message);
      return undefined;
    }
  };
  const listed = (env.SUPPLANT_BLUEPRINTS ?? '').split(delimiter).filter((path) => path !== '');
  const options = {
    dataDir: values.data ?? env.SUPPLANT_DATA ?? '.supplant',
    store: orFault(() => chooseStore(values.store, env)),
    state: values.state,
    deployment: values.deployment ?? readVariable(env, 'SUPPLANT_DEPLOYMENT'),
    build: values.build ?? readVariable(env, 'SUPPLANT_BUILD'),
    workflows: WORKFLOWS,
    pools: orFault(() => readServedPools([...splitList(env.SUPPLANT_POOLS), ...(values.pool ?? [])])),
    blueprints: [...listed, ...(values.blueprint ?? [])],
    stepMs: orFault(() => readStepLimit(readVariable(env, 'SUPPLANT_STEP_LIMIT'))),
    reaper: orFault(() => readReaperSettings(env)),
    driftEvery: orFault(() => readDriftInterval(env)),
    hookHosts: orFault(() => readAllowedHosts(env[ALLOW_VARIABLE])),
  };
  if (faults.length > 0) throw new Error(faults.join('; '));
  return options;
}

/** `eu-west,us`: what is named between commas. */
function splitList(text = ''): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** A variable that is empty is as good as none: compose files pass on what nobody has set. */
function readVariable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = env[name];
  return text === '' ? undefined : text;
}

function readStepLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const millis = parseDuration(text);
  if (millis !== undefined && millis > 0) return millis;
  throw new Error(`SUPPLANT_STEP_LIMIT is ${text}, which is no duration; write it as 90s, 30m or 1h30m`);
}
