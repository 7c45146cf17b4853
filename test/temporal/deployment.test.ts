import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { resolveWorkerVersion } from '../../src/temporal/deployment.ts';
import { WORKFLOWS, computeWorkflowDigest } from '../../src/temporal/workflow-code.ts';

describe('the version of a worker', () => {
  it('is none unless a deployment is named', async () => {
    assert.equal(await resolveWorkerVersion({}, 'abc'), undefined);
  });

  it('is, unless told, the same for the same workflows and another for others', async () => {
    const [plain, again, versioned] = await Promise.all(
      [WORKFLOWS.plain, WORKFLOWS.plain, WORKFLOWS.versioned].map(async (entry) =>
        resolveWorkerVersion({ deployment: 'supplant' }, await computeWorkflowDigest(entry)),
      ),
    );
    assert.deepEqual(plain, again);
    assert.notEqual(plain?.build, versioned?.build);
    assert.match(plain?.build ?? '', /^\d+\.\d+\.\d+-[0-9a-f]{12}$/);
  });

  it('is refused with everything that is wrong with it', async () => {
    await assert.rejects(
      resolveWorkerVersion({ build: 'a b' }, 'abc'),
      /belongs to no deployment.*; build 'a b' is not a name/,
    );
    await assert.rejects(resolveWorkerVersion({ deployment: 'a.b' }, 'abc'), /deployment 'a\.b' is not a name/);
  });
});
