import assert from 'node:assert/strict';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import { ask, load } from '../contract/http.ts';
import { describeWithAws } from '../doubles/aws/with-aws.ts';
import { AWS_SERVICES, AwsInstallation, type AwsService, type Version } from './aws-installation.ts';
import { change } from './platform.ts';

describeWithAws('rollouts of the AWS blueprints', (emulators) => {
  let installation: AwsInstallation;
  before(async () => (installation = await AwsInstallation.open(emulators())));
  after(() => installation[Symbol.asyncDispose]());

  for (const service of Object.keys(AWS_SERVICES) as AwsService[]) {
    it(`${AWS_SERVICES[service]}: replaced, refused, gone back and removed under load, and nothing is left`, async function () {
      // Seven rollouts, each with two runs of the engine.
      this.timeout(300_000);
      const { client } = installation.platform;
      const { address } = installation;
      const before = await installation.listAccount();
      const headers = { host: installation.hostOf(service) };
      const served = async () => (await ask(address, { headers })).body;
      const over = async (asked: Promise<{ service: ServiceSpec['service']; rollout: number }>) => {
        const { service: key, rollout } = await asked;
        return client.waitForRollout(key, rollout);
      };
      const apply = (version: Version) => over(client.apply(installation.describe(service, version), change()));
      const key = { name: service, environment: 'test' };

      const first = await apply('one');
      assert.equal(first.outcome, 'succeeded', first.because);
      const clients = load(address, 2, { headers, pauseMs: 10 });
      const second = await apply('two');
      assert.equal(second.outcome, 'succeeded', second.because);
      assert.equal(await served(), 'two');

      const broken = await apply('broken');
      assert.equal(broken.outcome, 'failed');
      assert.match(broken.because ?? '', /answers/);
      assert.equal(await served(), 'two');

      const warm = await over(client.rollback(key, undefined, change()));
      assert.equal(warm.outcome, 'succeeded', warm.because);
      assert.equal(await served(), 'one');

      // r5 takes the place of r2 among the warm ones, so that r2 has to be made anew.
      const fifth = await apply('two');
      assert.equal(fifth.outcome, 'succeeded', fifth.because);
      const rebuilt = await over(client.rollback(key, 2, change()));
      assert.equal(rebuilt.outcome, 'succeeded', rebuilt.because);
      assert.equal(rebuilt.revision, 2);

      const { total, failures } = await clients.stop();
      assert.deepEqual(failures, []);
      assert.ok(total > 0);
      const removed = await over(client.remove(key, change()));
      assert.equal(removed.outcome, 'succeeded', removed.because);
      assert.deepEqual(await installation.listAccount(), before);
    });
  }

  it('leave an environment that can go', async () => {
    await installation.destroyEnvironment();
    assert.deepEqual(await installation.listAccount(), []);
  });
});
