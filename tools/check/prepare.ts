import { type Emulators, nameEmulators, startEmulators } from '../../test/doubles/aws/aws.ts';
import { obtainGrpcurl } from '../../test/e2e/grpcurl.ts';
import { Platform, SHARED_PLATFORM } from '../../test/e2e/platform.ts';
import { NEW_CLUSTER, NewCluster } from '../../test/postgres/new-cluster.ts';
import { SHARED_SERVER, SharedServer } from '../../test/workflow/shared-server.ts';
import { hasPython } from '../python/environment.ts';
import { obtainAzurite } from '../azure-emulator/obtain.ts';
import { obtainCloudEmulators } from '../cloud-emulators/obtain.ts';
import { COMPILE_CACHE } from './run.ts';

/** What all test files of a run share, so that none makes it for itself, or within the time that a test may take. */
export interface Shared extends AsyncDisposable {
  /** How the tests find it. */
  readonly env: NodeJS.ProcessEnv;
  /** The same for files that are run once more: in the installation that all share their services are there already. */
  readonly envAgain: NodeJS.ProcessEnv;
}

export async function shareAmongTests(): Promise<Shared> {
  await using things = new AsyncDisposableStack();
  const obtaining = Promise.all([obtainGrpcurl(), startAwsEmulators(), obtainOtherClouds()]);
  // Its failure is told where it is awaited, below: until then it must not count as unhandled.
  things.defer(() =>
    obtaining.then(
      ([, emulators]) => emulators?.[Symbol.asyncDispose](),
      () => undefined,
    ),
  );
  obtaining.catch(() => undefined);
  const server = things.use(await SharedServer.start());
  const platform = await Platform.start({ anyPorts: true, env: { NODE_COMPILE_CACHE: COMPILE_CACHE } });
  things.defer(() => platform.dispose());
  const cluster = things.use(await NewCluster.make());
  const [, emulators] = await obtaining;
  const kept = things.move();
  const envAgain = {
    [SHARED_SERVER]: server.address,
    ...(emulators ? nameEmulators(emulators) : {}),
    ...(cluster ? { [NEW_CLUSTER]: cluster.data } : {}),
  };
  return {
    env: { ...envAgain, [SHARED_PLATFORM]: platform.folder.root },
    envAgain,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** None where there is no Python to run them. */
async function startAwsEmulators(): Promise<(Emulators & AsyncDisposable) | undefined> {
  return (await hasPython()) ? startEmulators() : undefined;
}

/** Tests start them for themselves. */
async function obtainOtherClouds(): Promise<void> {
  if (await hasPython()) await Promise.all([obtainAzurite(), obtainCloudEmulators()]);
}
