import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT_AFTER_MS } from '../../src/domain/pools/served.ts';
import { identifyFolder, readHostId } from '../../src/stacks/host-id.ts';
import type { OtherCopy } from '../../src/store/hosts/registry.ts';
import { requireSoleCopy } from '../../src/temporal/sole-copy.ts';

const there = (more: Partial<OtherCopy> = {}): OtherCopy => ({
  ...{ machine: 'web-2', lastSeen: 1_000, unseenMs: 900 },
  ...more,
});

/** What a worker is told that finds these one look after the other, and how often it has looked. */
async function look(...found: (OtherCopy | undefined)[]): Promise<{ looks: number; said: string[] }> {
  const said: string[] = [];
  let looks = 0;
  const hosts = { findOtherCopy: async () => found[Math.min(looks++, found.length - 1)] };
  await requireSoleCopy({ hosts, host: 'web-1', copy: 'mine', log: (message) => said.push(message) });
  return { looks, said };
}

describe('a host whose data folder was copied', () => {
  it('has no second worker while one gives signs of life with another copy', async () => {
    await assert.rejects(
      look(there(), there({ unseenMs: 1_400 }), there({ lastSeen: 6_000, unseenMs: 100 })),
      /^Error: host web-1 has a worker on machine web-2, with another copy of this data folder: .* start with an empty one \(--data\)/,
    );
  });

  it('is waited for until the other worker is silent, or has ended in order', async () => {
    const silent = await look(there(), there({ unseenMs: SILENT_AFTER_MS }));
    const ended = await look(there(), undefined);
    for (const { looks, said } of [silent, ended]) {
      assert.equal(looks, 2);
      assert.match(said.join(), /^another copy of the data folder was at work just now/);
    }
  });

  it('is not waited for where nobody was seen of late', async () => {
    assert.deepEqual(await look(undefined), { looks: 1, said: [] });
    assert.deepEqual(await look(there({ unseenMs: SILENT_AFTER_MS })), { looks: 1, said: [] });
  });

  it('is told from its copy, and stays the same for all workers on it', async () => {
    const [folder, copy] = await Promise.all(
      ['a', 'b'].map((name) => mkdtemp(join(tmpdir(), `supplant-copy-${name}-`))),
    );
    try {
      const id = await readHostId(folder!);
      await cp(folder!, copy!, { recursive: true });
      assert.equal(await readHostId(copy!), id);
      assert.equal(await identifyFolder(folder!), await identifyFolder(folder!));
      assert.notEqual(await identifyFolder(copy!), await identifyFolder(folder!));
    } finally {
      for (const each of [folder, copy]) await rm(each!, { recursive: true, force: true });
    }
  });
});
