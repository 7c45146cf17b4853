import { obtainGrpcurl } from '../../test/e2e/grpcurl.ts';
import { Platform, SHARED_PLATFORM } from '../../test/e2e/platform.ts';
import { SHARED_SERVER, SharedServer } from '../../test/workflow/shared-server.ts';
import { hasPython, obtainAwsEmulators } from '../aws-emulators/obtain.ts';
import { COMPILE_CACHE } from './run.ts';

/** What all test files of a run share, so that none makes it for itself, or within the time that a test may take. */
export interface Shared extends AsyncDisposable {
  /** How the tests find it. */
  readonly env: NodeJS.ProcessEnv;
}

export async function shareAmongTests(): Promise<Shared> {
  await using things = new AsyncDisposableStack();
  const obtaining = Promise.all([obtainGrpcurl(), hasPython().then((has) => (has ? obtainAwsEmulators() : undefined))]);
  // Awaited below: until then a failure must not count as unhandled.
  obtaining.catch(() => undefined);
  const server = things.use(await SharedServer.start());
  const platform = await Platform.start({ anyPorts: true, env: { NODE_COMPILE_CACHE: COMPILE_CACHE } });
  things.defer(() => platform.dispose());
  await obtaining;
  const kept = things.move();
  return {
    env: { [SHARED_SERVER]: server.address, [SHARED_PLATFORM]: platform.folder.root },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
