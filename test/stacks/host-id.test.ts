import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHostId } from '../../src/stacks/host-id.ts';

describe('the id of a host', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-host-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is made once for a data folder, whoever asks and however many at once', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, async () => readHostId(join(folder, 'stacks'))));
    assert.equal(new Set(ids).size, 1);
    assert.equal(await readHostId(join(folder, 'stacks')), ids[0]);
    assert.match(String(ids[0]), /^[a-z0-9][a-z0-9-]*-[0-9a-f]{8}$/);
  });

  it('is another one in every folder', async () => {
    assert.notEqual(await readHostId(join(folder, 'a')), await readHostId(join(folder, 'b')));
  });

  it('is not made anew where the file is damaged', async () => {
    await writeFile(join(folder, 'host'), 'No Host!\n');
    await assert.rejects(readHostId(folder), /names no host; remove it only if nothing runs/);
  });
});
