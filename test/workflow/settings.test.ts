import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AS_ROUTER } from '../../src/domain/traffic/route.ts';
import { passing, permanent } from './faults.ts';
import { ServiceBench } from './service-bench.ts';
import { benchForEach } from './suite.ts';

const WARM = { warm: 2, warmForMs: 3_600_000 };

describe('settings that are changed without a rollout', () => {
  const bench = benchForEach();

  const record = async () => (await bench().activities.store.catalogue.service(bench().service))!;
  const untilCarriedOut = () => bench().visible(async () => (await record()).settingsDue === undefined);
  const ports = () => bench().activities.router.writes.flatMap(({ port }) => port ?? []);

  it('are carried out at once, and are on record with who changed what, and why', async () => {
    const desk = await ServiceBench.live(bench(), 3, WARM);
    const { unchanged, settings } = await desk.apply('v3', { warm: 1, warmForMs: 60_000, port: 8080 }, 'changing');
    assert.equal(unchanged, true);
    assert.equal(settings?.length, 3);
    await desk.until(({ revisions }) => revisions.length === 2);
    await untilCarriedOut();
    assert.deepEqual(bench().activities.router.weights, { r3: 100, r2: 0 });
    assert.deepEqual(ports(), [8080]);
    const { catalogue, audit } = bench().activities.store;
    const { since, warmUntil } = (await catalogue.revision(bench().service, 2))!;
    assert.equal(Date.parse(warmUntil!) - Date.parse(since), 60_000);

    const events = await audit.list({ subject: `web/${bench().service.environment}` });
    const [event, ...more] = events.filter(({ type }) => type === 'service.settings-changed');
    assert.deepEqual([event?.actor, event?.reason, more.length], ['ada', 'because', 0]);
    assert.deepEqual(event?.data, {
      requestId: 'changing',
      changes: [
        { setting: 'router.port', before: 'any', after: '8080' },
        { setting: 'retention.warm', before: '2', after: '1' },
        { setting: 'retention.for', before: '3600s', after: '60s' },
      ],
    });
  });

  it('are carried out once the running rollout has ended, and are on record at once', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const hold = bench().activities.hold('provision');
    const receipt = await desk.apply('v2');
    await hold.reached;
    const { settings } = await desk.apply('v2', { port: 8080 });
    assert.match(settings?.[0]?.effect ?? '', /once rollout 2 has ended/);
    assert.notEqual((await record()).settingsDue, undefined);
    assert.deepEqual(ports(), []);
    hold.release();
    assert.equal((await desk.over(receipt)).outcome, 'succeeded');
    await untilCarriedOut();
    assert.deepEqual(ports(), [8080]);
    assert.equal(bench().activities.router.weights.r2, 100);
  });

  it('are carried out after all where the workflow was terminated before they were', async () => {
    const desk = await ServiceBench.live(bench(), 3, WARM);
    const hold = bench().activities.hold('provision');
    const receipt = await desk.apply('v4', WARM);
    await hold.reached;
    await desk.apply('v4', { warm: 0, port: 8080 });
    await desk.handle.terminate();
    hold.release();
    // Begins it afresh.
    await desk.note({ kind: 'unpin', revision: 1 });
    assert.equal((await desk.over(receipt)).outcome, 'succeeded');
    await untilCarriedOut();
    await desk.until(({ revisions }) => revisions.length === 1);
    assert.deepEqual(bench().activities.router.weights, { r4: 100 });
    assert.deepEqual(ports(), [8080]);
  });

  it('take a generation of the route that was never used, also after a termination', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    for (const port of [8081, 8082]) {
      await desk.apply('v1', { port });
      await untilCarriedOut();
      await desk.handle.terminate();
    }
    assert.deepEqual(ports(), [8081, 8082]);
  });

  it('move clients to an address, and back with the next rollout', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    const { writes } = bench().activities.router;
    const before = writes.length;
    await desk.apply('v1', { listen: '0.0.0.0' });
    await untilCarriedOut();
    assert.deepEqual(
      writes.slice(before).map(({ listen, port }) => [listen, port]),
      [['0.0.0.0', undefined]],
    );
    await desk.apply('v1');
    await untilCarriedOut();
    assert.equal(writes.length, before + 1);
    await desk.over(await desk.apply('v2'));
    assert.equal(writes.slice(before + 1).find(({ listen }) => listen !== undefined)?.listen, AS_ROUTER);
  });

  it('wait for a router that cannot be reached, and stay due on record meanwhile', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    bench().activities.on('shift', passing());
    const reaching = bench().activities.hold('shift');
    await desk.apply('v1', { port: 8080 });
    await reaching.reached;
    assert.notEqual((await record()).settingsDue, undefined);
    reaching.release();
    await untilCarriedOut();
    assert.deepEqual(ports(), [8080]);
  });

  it('do not end the service where the router refuses', async () => {
    const desk = await ServiceBench.live(bench(), 1);
    bench().activities.on('shift', permanent('RouteRefused'));
    await desk.apply('v1', { port: 8080 });
    await untilCarriedOut();
    assert.equal((await desk.over(await desk.apply('v2', { port: 8080 }))).outcome, 'succeeded');
    assert.deepEqual(ports(), [8080]);
  });
});

describe('router.strictPort', () => {
  const bench = benchForEach();

  it('is insisted on by a deployment, and by nothing that goes back', async () => {
    const { activities } = bench();
    const desk = await ServiceBench.live(bench(), 2);
    await desk.over(await desk.apply('v3', { port: 8080, strictPort: true }));
    await desk.over(await desk.rollback());
    const strict = activities.router.writes.filter(({ strictPort }) => strictPort);
    assert.deepEqual(
      strict.map(({ targets }) => targets.find(({ weight }) => weight === 100)?.revision),
      [3],
    );
    assert.equal(activities.router.weights.r2, 100);
  });

  it('leaves no route behind where a first deployment could not have it', async () => {
    const { activities } = bench();
    activities.on('shift', permanent('RouteRefused', 'port 8080 is taken'));
    const desk = new ServiceBench(bench());
    const { outcome, because } = await desk.over(await desk.apply('v1', { port: 8080, strictPort: true }));
    assert.deepEqual([outcome, because], ['failed', 'port 8080 is taken']);
    assert.deepEqual(activities.router.writes, []);
    assert.deepEqual(activities.stacks.names, []);
  });
});
