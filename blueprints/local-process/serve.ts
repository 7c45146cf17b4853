import type { ServedBlueprint } from '../../src/stacks/blueprint.ts';
import { type KindsHost, processKind, releaseKind } from './kinds.ts';
import { program } from './program.ts';
import { serveProvider } from './provider.ts';
import { PACKAGE } from './resources.ts';

/** Everything of the blueprint that an engine needs. Its provider ends with the runner. */
export async function serve(host: KindsHost): Promise<ServedBlueprint> {
  const provider = await serveProvider([releaseKind(host), processKind(host)]);
  return { providers: { [PACKAGE]: provider.port }, program };
}
