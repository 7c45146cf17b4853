import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNativeTool } from '../../../../src/native-tools.ts';
import type { StateSurroundings } from '../../../../src/stacks/pulumi/state/open.ts';

/** What a state is opened with, where only its place matters. @param folder where the engine may keep what it needs */
export function surroundState(
  state: StateSurroundings['state'],
  folder = join(tmpdir(), 'supplant-nowhere'),
): StateSurroundings {
  const pulumiPath = findNativeTool('pulumi');
  return { state, pulumiPath, home: join(folder, 'pulumi'), passphraseFile: join(folder, 'passphrase') };
}
