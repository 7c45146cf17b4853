import { resolve } from 'node:path';
import { faultMessage } from '../../config/fault.ts';
import { type EnvironmentDescription, parseEnvironmentFile } from '../../config/environment-file.ts';
import { resolveDataFolder } from '../../data-folder.ts';
import { findNativeTool } from '../../native-tools.ts';
import { type OperationContext, StackError, type StackInput } from '../../stacks/driver.ts';
import { createPulumiDriver } from '../../stacks/pulumi/driver.ts';
import type { PulumiDriver } from '../../stacks/pulumi/pulumi-driver.ts';
import { type Store, openStore } from '../../store/store.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { readStateOf } from '../state-option.ts';
import { storeOf } from '../store-option.ts';
import { type Line, line, span } from '../views/text.ts';

export interface EnvironmentOptions {
  file: string;
  blueprint?: string[];
}

/** What would be made and changed. */
export async function planEnvironment(session: Session, options: EnvironmentOptions): Promise<number> {
  return withEnvironment(session, options, async (driver, input, context) => {
    const { lines } = await driver.preview(input, context);
    session.terminal.done('environment', { name: input.service.environment, changes: lines }, () => showChanges(lines));
  });
}

/** Makes it, or changes it in place. What is protected is neither deleted nor replaced. */
export async function applyEnvironment(session: Session, options: EnvironmentOptions): Promise<number> {
  return withEnvironment(session, options, async (driver, input, context) => {
    const { lines } = await driver.preview(input, context);
    const { notes } = await driver.apply(input, context);
    const document = { name: input.service.environment, changes: lines, notes };
    session.terminal.done('environment', document, () => [
      ...showChanges(lines),
      line(span(`The environment ${input.service.environment} is as described.`, 'good')),
      ...JSON.stringify(notes, null, 2)
        .split('\n')
        .map((each) => line(each)),
    ]);
  });
}

/** Takes it away, once nothing of it is protected any more. */
export async function destroyEnvironment(session: Session, options: EnvironmentOptions): Promise<number> {
  return withEnvironment(session, options, async (driver, input, context) => {
    await driver.destroy(input, context);
    session.terminal.done('environment', { name: input.service.environment, changes: [] }, () => [
      line(span(`The environment ${input.service.environment} is gone.`, 'good')),
    ]);
  });
}

type Work = (driver: PulumiDriver, input: StackInput, context: OperationContext) => Promise<void>;

/** By an engine of this machine, in the data folder of its workers: no rollout has a part in it. */
async function withEnvironment(session: Session, options: EnvironmentOptions, work: Work): Promise<number> {
  const { context } = session;
  const described = await readEnvironmentFile(session, options.file);
  const given = (options.blueprint ?? []).map((path) => resolve(context.workingDirectory, path));
  const state = readStateOf(session, {});
  const store = await openStore(storeOf(session, {}));
  try {
    return await withDriver(session, { described, given, ledger: store.ledger, state }, work);
  } finally {
    await store.close();
  }
}

/** What a driver takes beside what the session has. */
interface DriverNeeds {
  described: EnvironmentDescription;
  /** Blueprints of one's own, by their paths. */
  given: string[];
  ledger: Store['ledger'];
  /** Where the workers keep it, too: that of services refers to it. */
  state: ReturnType<typeof readStateOf>;
}

async function withDriver(
  { context, dataDir, terminal }: Session,
  { described, given, ledger, state }: DriverNeeds,
  work: Work,
): Promise<number> {
  const driver = await createPulumiDriver({
    dataDir: resolveDataFolder(dataDir).stacks,
    ledger,
    pulumiPath: findNativeTool('pulumi'),
    blueprints: given.length > 0 ? given : [described.blueprint.name],
    supervise: false,
    ...state,
  });
  const stopping = new AbortController();
  using _interrupts = context.onInterrupt(() => stopping.abort());
  try {
    const input = await describeInput(driver, described);
    await work(driver, input, {
      signal: stopping.signal,
      onProgress: ({ done, inProgress }) => {
        if (inProgress.length > 0) terminal.progress(line(`${done} done; now ${inProgress.join(', ')}`));
      },
    });
    return EXIT.ok.code;
  } catch (error) {
    if (error instanceof StackError) throw new UsageError(error.message);
    throw error;
  } finally {
    await driver.close();
  }
}

async function readEnvironmentFile({ context }: Session, file: string): Promise<EnvironmentDescription> {
  const source = await context.readFile(resolve(context.workingDirectory, file)).catch((error: unknown) => {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  });
  const parsed = parseEnvironmentFile(source);
  if (parsed.ok) return parsed.environment;
  throw new UsageError(`${file} has faults`, {
    faults: parsed.faults.map((fault) => ({
      at: `${file}:${fault.line}:${fault.column}`,
      path: fault.path,
      message: faultMessage(fault),
    })),
  });
}

/** An environment is made from its config alone, and is nobody's revision. */
async function describeInput(driver: PulumiDriver, { name, blueprint }: EnvironmentDescription): Promise<StackInput> {
  const artifact = 'none';
  const { digest, faults } = await driver.describe(blueprint, artifact);
  if (faults.length > 0) {
    throw new UsageError(`the environment ${name} has faults`, {
      faults: faults.map(({ path, message }) => ({ at: name, path, message })),
    });
  }
  const service = { name: 'environment', environment: name };
  return { service, revision: 0, artifact, blueprint: { ...blueprint, digest } };
}

function showChanges(lines: readonly string[]): Line[] {
  return lines.length === 0 ? [line('Nothing to change.')] : lines.map((each) => line(each));
}
