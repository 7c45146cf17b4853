/**
 * The bare scripts that Supplant is compared with, in a process of their own that stays warm: SDK loaded, provider
 * attached, CLI in the page cache. Each makes the same steps as a rollout, as somebody would write them by hand with
 * nothing in mind but speed: no record, no retry, no recovery, no supervision.
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { LocalWorkspace, type Stack } from '@pulumi/pulumi/automation/index.js';
import { configSchema } from '../blueprints/local-process/config.ts';
import { createBlueprint } from '../blueprints/local-process/index.ts';
import { findNativeTool } from '../src/native-tools.ts';
import type { JsonObject } from '../src/domain/json.ts';
import type { Endpoint } from '../src/domain/service/revision.ts';
import { formatEndpointUrl, formatStackName } from '../src/domain/service/revision.ts';
import { buildRoute } from '../src/domain/traffic/build-route.ts';
import type { ServiceSpec } from '../src/domain/service/service.ts';
import type { StackInput } from '../src/stacks/driver.ts';
import { createPulumiDriver } from '../src/stacks/pulumi/driver.ts';
import { readSecret } from '../src/secrets/secrets.ts';
import { buildEngineEnvironment } from '../src/stacks/pulumi/runner/environment.ts';
import { ensurePassphrase } from '../src/stacks/pulumi/state/passphrase.ts';
import { openStore } from '../src/store/store.ts';
import { EmbeddedRouter } from '../src/routing/embedded/client.ts';

/** `script` goes through Pulumi's Automation API; `driver` through Supplant's own stack driver, without the rest. */
export type BareKind = 'script' | 'driver';

/** `replace` makes a revision live and destroys the one before; `visit` makes it, checks it, and destroys it again. */
export type BareWork = 'replace' | 'visit';

export interface BareTask {
  id: number;
  kind: BareKind;
  work: BareWork;
  spec: ServiceSpec;
  revision: number;
}

export interface BareAnswer {
  id: number;
  error?: string;
}

export interface BareSettings {
  dataDir: string;
  routerSocket: string;
}

/** A stack that is up. */
interface Up {
  endpoints: Endpoint[];
  destroy(): Promise<unknown>;
}

interface Engine {
  digest: string;
  up(input: StackInput): Promise<Up>;
}

const HEALTH_PAUSE_MS = 20;

type Paths = [home: string, state: string, passphraseFile: string];

/** Settings of the engine are those of Supplant's driver, so that only what is done with it differs. */
async function automationEngine(dataDir: string): Promise<Engine> {
  const blueprint = await createBlueprint({ dataDir, supervise: false, readSecret, log: () => undefined });
  const served = await blueprint.serve({ signalOf: () => undefined });
  const [home, path, passphraseFile] = ['pulumi', 'state', 'passphrase'].map((name) => join(dataDir, name)) as Paths;
  await ensurePassphrase(passphraseFile);
  await Promise.all([home, path].map((folder) => mkdir(folder, { recursive: true })));
  process.env.PATH = [dirname(findNativeTool('pulumi')), process.env.PATH].join(delimiter);
  const providers = { ...served, startsPlugins: false };
  const surroundings = { home, state: { kind: 'folder' as const, path }, passphraseFile };
  const envVars = { ...buildEngineEnvironment(surroundings, providers), PATH: process.env.PATH };
  return {
    digest: blueprint.digest,
    async up(input) {
      const name = formatStackName(input.service, input.revision);
      const config = configSchema.parse(input.blueprint.config) as JsonObject;
      const workDir = await mkdtemp(join(dataDir, 'work-'));
      // Not createOrSelectStack, which would look for the stack in a process of its own first.
      const stack: Stack = await LocalWorkspace.createStack(
        { stackName: name, projectName: input.service.environment, program: served.program(input, config, []) },
        { workDir, envVars },
      );
      const { outputs } = await stack.up({ suppressProgress: true });
      return {
        endpoints: outputs.endpoints?.value as Endpoint[],
        destroy: () => stack.destroy({ remove: true, suppressProgress: true }),
      };
    },
  };
}

async function driverEngine(dataDir: string): Promise<Engine> {
  await mkdir(dataDir, { recursive: true });
  const { ledger } = await openStore(join(dataDir, 'store.sqlite'));
  const driver = await createPulumiDriver({ dataDir, ledger, pulumiPath: findNativeTool('pulumi'), supervise: false });
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const { digest } = await driver.describe({ name: 'local-process', config: {} }, 'command');
  return {
    digest,
    async up(input) {
      const { endpoints } = await driver.provision(input, context);
      return { endpoints, destroy: () => driver.destroy(input, context) };
    },
  };
}

/** What is live, by service. */
const live = new Map<string, { input: StackInput; up: Up }>();

async function replace(engine: Engine, router: EmbeddedRouter, task: BareTask): Promise<void> {
  const { service } = task.spec;
  const { revision } = task;
  const input = inputOf(engine, task);
  const before = live.get(service.name);

  const up = await engine.up(input);
  await healthy(up.endpoints);
  await router.apply(
    buildRoute(service, revision, placement(input, up), before ? [placement(before.input, before.up)] : []),
  );
  live.set(service.name, { input, up });
  if (!before) return;
  await router.drain(service, before.input.revision, 30_000);
  await before.up.destroy();
}

async function visit(engine: Engine, task: BareTask): Promise<void> {
  const up = await engine.up(inputOf(engine, task));
  await healthy(up.endpoints);
  await up.destroy();
}

function inputOf({ digest }: Engine, { spec: { service, artifact, blueprint }, revision }: BareTask): StackInput {
  return { service, revision, artifact, blueprint: { ...blueprint, digest } };
}

function placement({ revision, artifact }: StackInput, { endpoints }: Up) {
  return { revision: { number: revision, release: '', label: artifact }, endpoints };
}

async function healthy(endpoints: readonly Endpoint[]): Promise<void> {
  for (const endpoint of endpoints) {
    while (!(await answers(`${formatEndpointUrl(endpoint)}/`))) {
      await new Promise((resolve) => setTimeout(resolve, HEALTH_PAUSE_MS));
    }
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.text();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function serve({ dataDir, routerSocket }: BareSettings): Promise<void> {
  const router = new EmbeddedRouter({ socketPath: routerSocket });
  const engines: Record<BareKind, Engine> = {
    script: await automationEngine(join(dataDir, 'script')),
    driver: await driverEngine(join(dataDir, 'driver')),
  };
  process.on('message', (task: BareTask) => {
    const engine = engines[task.kind];
    const work = task.work === 'visit' ? visit(engine, task) : replace(engine, router, task);
    work.then(
      () => answer({ id: task.id }),
      (error: unknown) => answer({ id: task.id, error: String(error) }),
    );
  });
  answer({ id: 0 });
}

function answer(message: BareAnswer): void {
  process.send?.(message);
}

process.once('disconnect', () => process.exit());
await serve(JSON.parse(process.argv[2] ?? '') as BareSettings);
