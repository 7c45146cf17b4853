import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateFile } from '../../src/routing/embedded/state-file.ts';
import type { RouterState } from '../../src/routing/embedded/state.ts';

/** A state of that many routes, every one of that generation. */
function stateOf(generation: number, count = 1): RouterState {
  const services = Array.from({ length: count }, (_, index) => ({ name: `s${index}`, environment: 'production' }));
  return {
    routes: services.map((service) => ({ port: 8080, route: { service, generation, targets: [] } })),
    removed: [],
  };
}

describe('state file of the embedded router', () => {
  let folder: string;
  let slots: [string, string];
  const log: string[] = [];
  const original = console.error;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-state-'));
    slots = [join(folder, 'router.0.json'), join(folder, 'router.1.json')];
    log.length = 0;
    console.error = (line: string) => void log.push(line);
  });

  afterEach(async () => {
    console.error = original;
    await rm(folder, { recursive: true, force: true });
  });

  /** What a router that starts now finds. */
  const read = () => new StateFile(folder).read();

  async function write(states: RouterState[]): Promise<void> {
    const file = new StateFile(folder);
    file.read();
    for (const state of states) await file.write(state);
  }

  it('is empty at first', () => {
    assert.deepEqual(read(), { routes: [], removed: [] });
  });

  it('gives back the last state, however states grow and shrink and processes change', async () => {
    for (const [index, count] of [1, 60, 2, 0, 90, 90, 1].entries()) {
      await write([stateOf(index + 1, count)]);
      assert.deepEqual(read(), stateOf(index + 1, count));
    }
    assert.deepEqual(log, []);
  });

  it('comes back after a write torn anywhere, and goes on from there', async () => {
    const acknowledged = stateOf(2);
    const torn = stateOf(3, 2);
    await write([stateOf(1), acknowledged]);
    const before = await readFile(slots[0]);
    const newer = await readFile(slots[1]);
    await write([torn]);
    const after = await readFile(slots[0]);
    const length = after.toString().trimEnd().length;
    for (let prefix = 0; prefix <= length; prefix += 1) {
      const mixed = Buffer.concat([after.subarray(0, prefix), before.subarray(prefix)]);
      for (const content of [mixed, after.subarray(0, prefix)]) {
        await writeFile(slots[0], content);
        assert.deepEqual(read(), content.toString().trimEnd() === after.toString().trimEnd() ? torn : acknowledged);
      }
      if (prefix % 50 === 0) {
        await write([stateOf(4)]);
        assert.deepEqual(read(), stateOf(4), `after ${prefix} bytes`);
        await writeFile(slots[1], newer);
      }
    }
    assert.ok(log.length > length);
    assert.match(log[0]!, /router\.0\.json is damaged: .*going on from the other slot/);
  });

  it('overwrites what a torn write left, never the last whole state', async () => {
    await write([stateOf(1), stateOf(2), stateOf(3)]);
    await writeFile(slots[0], 'torn');
    const whole = await readFile(slots[1]);
    await write([stateOf(4)]);
    assert.deepEqual(await readFile(slots[1]), whole);
    assert.deepEqual(read(), stateOf(4));
  });

  it('keeps the last state when the disk is full, and recovers', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const file = new StateFile(folder);
    await file.write(stateOf(1));
    await symlink('/dev/full', slots[1]);
    for (const generation of [2, 3]) {
      await assert.rejects(file.write(stateOf(generation)), /router\.1\.json cannot be written: ENOSPC/);
    }
    await unlink(slots[1]);
    assert.deepEqual(read(), stateOf(1));
    await file.write(stateOf(4));
    assert.deepEqual(read(), stateOf(4));
  });

  it('refuses when no slot is whole', async () => {
    await write([stateOf(1)]);
    await writeFile(slots[0], '{"sequence":');
    assert.throws(read, /router\.0\.json is damaged: not JSON.*Put back a good copy, or delete both files/);
  });
});
