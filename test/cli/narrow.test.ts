import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Receipt } from '../../src/domain/service/requests.ts';
import { RecordingClient } from '../doubles/recording-client.ts';
import { runCommand } from '../doubles/recording-context.ts';
import * as sample from '../doubles/sample-views.ts';

const MANIFEST = readFileSync('examples/folder/supplant.yaml', 'utf8').replace('name: greeter', 'name: web');
const WARNING =
  'clients connect at port 38983: 8080 is taken by another program; that one is used as soon as it can be had';
const EFFECT = 'clients are moved there now; what is in flight goes on as long as it takes, or the drain allows';

/** What a command shows on a terminal of 80 columns, with its lines joined. */
async function shown(args: string, receipt: Partial<Receipt>): Promise<string> {
  const views = [{ ...sample.IDLE_VIEW, warnings: [{ kind: 'port' as const, text: WARNING }] }];
  const client = new RecordingClient({ views, rollouts: [sample.SUCCEEDED], receipt });
  const ran = await runCommand(args.split(' '), { client, tty: true, readStdin: async () => MANIFEST });
  const lines = ran.stdout.text.split('\n');
  assert.ok(
    lines.every((line) => line.length <= 80),
    ran.stdout.text,
  );
  return lines.map((line) => line.trim()).join(' ');
}

describe('on 80 columns', () => {
  it('warnings and what becomes of settings are told whole', async () => {
    const settings = [{ setting: 'router.port', from: '8080', to: '8081', effect: EFFECT }];
    const text = await shown('apply -f - --no-color', { unchanged: true, settings });
    assert.ok(text.includes(`router.port 8080 → 8081: ${EFFECT}`), text);
    assert.ok(text.includes(`Warning: ${WARNING}.`), text);
  });

  it('what a rollback takes out of the queue is told whole', async () => {
    const receipt = { drops: [13, 14, 15], ends: 12, revision: 3, queuedBehind: 1 };
    for (const more of ['--dry-run', '--no-wait']) {
      // A dry run names a rollout only where one does already what was asked for.
      const asked = more === '--dry-run' ? { ...receipt, rollout: 0 } : receipt;
      const text = await shown(`rollback web ${more} --no-color`, asked);
      assert.match(
        text,
        /Takes #13, #14, #15 out of the queue: asked for before this rollback, which they would undo\./,
      );
    }
  });
});
