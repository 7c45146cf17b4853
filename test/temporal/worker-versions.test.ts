import assert from 'node:assert/strict';
import { WorkerVersions } from '../../src/temporal/worker-versions.ts';

type Service = ConstructorParameters<typeof WorkerVersions>[0];

/** A server that refuses to make a version current. */
function refusing(message: string): Service {
  const service = {
    describeWorkerDeployment: async () => ({}),
    setWorkerDeploymentCurrentVersion: async () => Promise.reject(new Error(message)),
  };
  return service as unknown as Service;
}

describe('a version that Temporal does not make current', () => {
  const promote = (message: string) => new WorkerVersions(refusing(message), 'default', 'supplant').promote('b');

  it('for queues that only the version before serves needs a worker beside each one that runs', async () => {
    const said =
      'proposed current version is missing active task queues from the current version; these would become unversioned if it is set as the current version';
    await assert.rejects(
      promote(said),
      /^Error: version b has no worker yet for a pool or a host .*: start one of it beside each worker that runs, with the same data folder and --pool/,
    );
  });

  it('for any other reason is told in the server’s words', async () => {
    await assert.rejects(promote('no such version'), /^Error: no such version$/);
  });
});
