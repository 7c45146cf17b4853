import assert from 'node:assert/strict';
import { ApplicationFailure } from '@temporalio/common';
import { retryElsewhere } from '../../src/activities/missing-blueprint.ts';
import type { Host } from '../../src/domain/hosts/host.ts';
import type { Blueprint } from '../../src/stacks/blueprint.ts';
import type { OperationContext, StackInput } from '../../src/stacks/driver.ts';
import { BlueprintRegistry } from '../../src/stacks/pulumi/registry.ts';

const [OLD, NEW] = ['a'.repeat(64), 'b'.repeat(64)];
const SEEN = '2026-01-01T00:00:10.000Z';

/** A host with a worker of pool `eu` that has the blueprint at a digest. */
function host(id: string, digest: string): Host {
  return {
    ...{ id, name: id, version: '0.1.0', firstSeenAt: SEEN, lastSeenAt: SEEN, unseenMs: 0 },
    workers: [{ pools: ['eu'], blueprints: [{ name: 'web', digest }], unseenMs: 0 }],
  };
}

/** What a worker that has the blueprint at NEW answers to whoever wants it at OLD, as it is told to workflows. */
async function refusal(hosts: Host[], name = 'web'): Promise<ApplicationFailure> {
  const registry = new BlueprintRegistry([{ name: 'web', digest: NEW } as Blueprint]);
  const driver = {
    provision: async (input: StackInput) => Promise.reject(new Error(registry.getExact(input).digest)),
    destroy: async () => undefined,
  };
  const service = { name: 'shop', environment: 'test' };
  const blueprint = { name, digest: OLD, config: {}, pool: 'eu' };
  const context: OperationContext = { signal: new AbortController().signal, onProgress: () => undefined };
  try {
    const asked = { service, revision: 1, artifact: 'cmd:true', blueprint };
    await retryElsewhere(driver, { list: async () => hosts }).provision(asked, context);
  } catch (error) {
    if (error instanceof ApplicationFailure) return error;
    throw error;
  }
  throw new Error('it was provisioned');
}

describe('a worker that lacks the blueprint of a stack', () => {
  it('has it tried again where another worker of the pool has it', async () => {
    const { message, type, nonRetryable } = await refusal([host('a', NEW), host('b', OLD)]);
    assert.deepEqual([type, nonRetryable], ['BlueprintMissing', false]);
    assert.match(
      message,
      /blueprint web at aaaaaaaaaaaa, but bbbbbbbbbbbb is installed on this worker; another one of pool eu has it$/,
    );
  });

  it('has it tried again where none has it, and says so', async () => {
    const { message, type, nonRetryable } = await refusal([host('a', NEW)]);
    assert.deepEqual([type, nonRetryable], ['BlueprintMissing', false]);
    assert.match(
      message,
      /^no worker of pool eu has blueprint web at digest aaaaaaaaaaaa: its workers have bbbbbbbbbbbb; start one/,
    );
  });

  it('does not know one of another name', async () => {
    const { message, nonRetryable } = await refusal([host('a', NEW)], 'site');
    assert.equal(nonRetryable, false);
    assert.match(
      message,
      /^no worker of pool eu has blueprint site at digest aaaaaaaaaaaa: its workers do not know it/,
    );
  });
});
