import assert from 'node:assert/strict';
import {
  type Action,
  DescribeListenersCommand,
  DescribeRulesCommand,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Endpoint } from '../../../src/domain/service/revision.ts';
import type { AwsAlbRouterSpec } from '../../../src/domain/service/service.ts';
import type { Route } from '../../../src/domain/traffic/route.ts';
import {
  InvalidRouteError,
  RouteChangedError,
  RouterUnreachableError,
  type Router,
} from '../../../src/routing/router.ts';
import { ask } from '../../contract/http.ts';
import type { Upstream } from '../../contract/upstream.ts';
import { describeWithAws } from '../../doubles/aws/with-aws.ts';
import { AlbHome } from './alb-home.ts';

const WEB = { name: 'web', environment: 'production' };

describeWithAws(
  'the router aws-alb',
  (emulators) => {
    let home: AlbHome;
    let router: Router;
    let one: Upstream;
    let two: Upstream;

    beforeEach(async () => {
      home = await AlbHome.make(emulators(), ['web']);
      router = home.router('web');
      [one, two] = [await home.startUpstream('one'), await home.startUpstream('two')];
    });
    afterEach(async () => {
      await Promise.all([one.stop(), two.stop()]);
      await home[Symbol.asyncDispose]();
    });

    const groupOf = ({ attributes }: Endpoint): string => attributes?.targetGroupArn ?? '';

    /** r1 and r2 at these weights; a weight of `undefined` leaves one out. */
    const route = (generation: number, ...weights: (number | undefined)[]): Route => ({
      service: WEB,
      generation,
      targets: [one, two].flatMap(({ endpoint }, index) => {
        const weight = weights[index];
        return weight === undefined ? [] : [{ revision: index + 1, endpoints: [endpoint], weight }];
      }),
    });

    async function readActions(): Promise<Action[]> {
      const ListenerArns = [home.listener('web').arn];
      const { Listeners } = await home.balancer.client.send(new DescribeListenersCommand({ ListenerArns }));
      return Listeners?.[0]?.DefaultActions ?? [];
    }

    async function readWeights(): Promise<Record<string, number>> {
      const tuples = (await readActions())[0]?.ForwardConfig?.TargetGroups ?? [];
      const names = new Map([one, two].map(({ endpoint }, index) => [groupOf(endpoint), `r${index + 1}`]));
      return Object.fromEntries(
        tuples.map(({ TargetGroupArn = '', Weight = 0 }) => [names.get(TargetGroupArn) ?? TargetGroupArn, Weight]),
      );
    }

    /** What somebody does by hand. */
    async function writeByHand(...actions: Action[]): Promise<void> {
      const ListenerArn = home.listener('web').arn;
      await home.balancer.client.send(new ModifyListenerCommand({ ListenerArn, DefaultActions: actions }));
    }

    const weigh = (first: number, second: number): Action => ({
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: groupOf(one.endpoint), Weight: first },
          { TargetGroupArn: groupOf(two.endpoint), Weight: second },
        ],
      },
    });

    const maintenance: Action = {
      Type: 'fixed-response',
      FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: 'back at noon' },
    };

    describe('weights that somebody else has changed', () => {
      it('are told with what they were and are, and not overwritten', async () => {
        await router.apply(route(1, 90, 10));
        await writeByHand(weigh(50, 50));
        await assert.rejects(router.apply(route(2, 0, 100)), (error) => {
          assert.ok(error instanceof RouteChangedError);
          assert.match(error.message, /from r1=90 r2=10 to r1=50 r2=50/);
          assert.ok(error.isOnlyWeights);
          return true;
        });
        assert.deepEqual(await readWeights(), { r1: 50, r2: 50 });
      });

      it('are overwritten by who was told of them, and by nobody who was told of others', async () => {
        await router.apply(route(1, 90, 10));
        await writeByHand(weigh(50, 50));
        await assert.rejects(router.apply(route(2, 0, 100), 'r1=49 r2=51'), RouteChangedError);
        await router.apply(route(2, 0, 100), 'r1=50 r2=50');
        assert.deepEqual(await readWeights(), { r1: 0, r2: 100 });
      });

      it('are shown to who only looks', async () => {
        await router.apply(route(1, 90, 10));
        assert.equal((await router.observe(WEB))?.changedByOthers, undefined);
        await writeByHand(weigh(10, 90));
        const observed = await router.observe(WEB);
        assert.match(observed?.changedByOthers ?? '', /from r1=90 r2=10 to r1=10 r2=90/);
        assert.deepEqual(
          observed?.targets.map(({ weight }) => weight),
          [10, 90],
        );
      });

      it('are more than weights where something else stands in their place', async () => {
        await router.apply(route(1, 100));
        await writeByHand(maintenance);
        await assert.rejects(router.apply(route(2, 0, 100)), (error) => {
          assert.ok(error instanceof RouteChangedError);
          return !error.isOnlyWeights;
        });
      });

      it('are not what reads show that are late', async () => {
        await router.apply(route(1, 90, 10));
        home.aws.front.loadBalancing.late.lateMs = 400;
        await router.apply(route(2, 50, 50));
        await router.apply(route(3, 0, 100));
        home.aws.front.loadBalancing.late.forget();
        assert.deepEqual(await readWeights(), { r1: 0, r2: 100 });
      });
    });

    describe('a rule', () => {
      it('that forwards to nobody whom Supplant knows is not taken', async () => {
        const stranger = await home.startUpstream('stranger');
        const TargetGroupArn = groupOf(stranger.endpoint);
        await writeByHand({ Type: 'forward', TargetGroupArn });
        await assert.rejects(router.apply(route(1, 100)), RouteChangedError);
        await stranger.stop();
      });

      it('of another service is not taken until that has left', async () => {
        await router.apply(route(1, 100));
        const other = { ...route(7, undefined, 100), service: { name: 'api', environment: 'production' } };
        await assert.rejects(router.apply(other), /has the route of web\/production/);
        await router.remove(WEB, 2);
        await router.apply(other);
        assert.equal(await router.observe(WEB), undefined);
      });

      it('is modified in place, also one that is no default', async () => {
        const arn = await home.balancer.addRule(home.listener('web'), 10, 'shop.example');
        const own = home.router('web', { rule: arn });
        await own.apply(route(1, 100, 0));
        await own.apply(route(2, 0, 100));
        await home.aws.plane.followed();
        const { host, port } = home.listener('web').address;
        assert.equal((await ask({ host, port }, { headers: { host: 'shop.example' } })).headers['x-upstream'], 'two');
        const { Rules } = await home.balancer.client.send(new DescribeRulesCommand({ RuleArns: [arn] }));
        assert.equal(Rules?.length, 1);
        const made = home.aws.front.calls.map(({ action }) => action);
        assert.equal(made.filter((action) => action === 'CreateRule').length, 1);
        assert.ok(!made.includes('DeleteRule'));
      });
    });

    it('brings a group in at weight 0, and gives it traffic once its targets are healthy', async () => {
      await router.apply(route(1, 100));
      const group = groupOf(two.endpoint);
      const before = home.aws.front.calls.length;
      await two.stop();
      const shifting = router.apply(route(2, 50, 50));
      await home.balancer.untilStates(group, 'unhealthy');
      assert.deepEqual(await readWeights(), { r1: 100, r2: 0 });
      const again = await home.startUpstream('again');
      await home.balancer.register(group, [again.endpoint]);
      await home.balancer.deregister(group, [two.endpoint]);
      await shifting;
      assert.deepEqual(await readWeights(), { r1: 50, r2: 50 });
      const writes = home.aws.front.calls.slice(before).filter(({ action }) => action === 'ModifyListener');
      assert.equal(writes.length, 2);
      await again.stop();
    });

    it('waits for the health of what is listed already, until it is told to stop', async () => {
      await router.apply(route(1, 100, 0));
      await home.balancer.untilStates(groupOf(two.endpoint), 'healthy');
      await router.prepare?.(route(2, undefined, 100));
      await two.stop();
      await home.balancer.untilStates(groupOf(two.endpoint), 'unhealthy');
      const given = new AbortController();
      const waiting = router.prepare?.(route(2, undefined, 100), given.signal);
      const reason = new Error('called off');
      given.abort(reason);
      await assert.rejects(waiting ?? Promise.resolve(), (error) => error === reason);
    });

    it('tries throttled and failed calls again, and comes to know what a lost answer was', async () => {
      await router.apply(route(1, 90, 10));
      const { faults } = home.aws.front;
      faults.order('ModifyListener', 'throttle', 2);
      faults.order('DescribeListeners', 'fail');
      faults.order('AddTags', 'lose-answer');
      faults.order('ModifyListener', 'lose-answer');
      await router.apply(route(2, 50, 50));
      assert.deepEqual(await readWeights(), { r1: 50, r2: 50 });
      faults.order('ModifyListener', 'fail', 20);
      await assert.rejects(router.apply(route(3, 0, 100)), RouterUnreachableError);
      faults.forget();
      assert.equal((await router.observe(WEB))?.changedByOthers, undefined);
      await router.apply(route(3, 0, 100));
      assert.deepEqual(await readWeights(), { r1: 0, r2: 100 });
    });

    it('keeps clients with their revision where a group does, or the service says so', async () => {
      const stickiness = async (more: Partial<AwsAlbRouterSpec>, generation: number) => {
        await home.router('web', more).apply(route(generation, 50, 50));
        return (await readActions())[0]?.ForwardConfig?.TargetGroupStickinessConfig;
      };
      assert.equal((await stickiness({}, 1))?.Enabled, false);
      assert.deepEqual(await stickiness({ stickyMs: 60_000 }, 2), { Enabled: true, DurationSeconds: 60 });
    });

    it('turns stickiness on where a target group has it', async () => {
      await home.setAttribute(two.endpoint, 'stickiness.enabled', 'true');
      await home.setAttribute(two.endpoint, 'stickiness.lb_cookie.duration_seconds', '120');
      await router.apply(route(1, 50, 50));
      const { TargetGroupStickinessConfig } = (await readActions())[0]?.ForwardConfig ?? {};
      assert.deepEqual(TargetGroupStickinessConfig, { Enabled: true, DurationSeconds: 120 });
    });

    it('names what of a route a load balancer cannot do, all of it', async () => {
      const [endpoint, other] = [one.endpoint, two.endpoint];
      const invalid: Route = {
        service: WEB,
        generation: 1,
        targets: [
          { revision: 1, endpoints: [{ host: '127.0.0.1', port: 80 }], weight: 100 },
          { revision: 2, endpoints: [endpoint, other], weight: 0 },
          { revision: 3, endpoints: [endpoint], weight: 0 },
          ...[4, 5, 6].map((revision) => ({ revision, endpoints: [other], weight: 0 })),
        ],
      };
      await assert.rejects(router.apply(invalid), (error) => {
        assert.ok(error instanceof InvalidRouteError);
        for (const fault of [/r1 names no target group/, /r2 has endpoints of 2/, /r3 has the same/, /6 revisions/]) {
          assert.match(error.message, fault);
        }
        return true;
      });
    });

    it('says before anything is made that there is no room for one more revision', async () => {
      await router.apply(route(1, 90, 10));
      assert.deepEqual(await router.findObstacles?.(WEB), []);
      const targets = await Promise.all(
        Array.from({ length: 5 }, async (_, index) => {
          const endpoints = await home.join([one]);
          return { revision: index + 3, endpoints, weight: index === 0 ? 100 : 0 };
        }),
      );
      await router.apply({ service: WEB, generation: 2, targets });
      assert.match((await router.findObstacles?.(WEB))?.join() ?? '', /5 revisions stand/);
      await writeByHand(weigh(50, 50));
      assert.match((await router.findObstacles?.(WEB))?.join() ?? '', /somebody else changed/);
    });
  },
  { ministack: false },
);
