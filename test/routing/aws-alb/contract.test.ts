import { routerContract } from '../../contract/router.ts';
import { describeWithAws } from '../../doubles/aws/with-aws.ts';
import { AlbHome } from './alb-home.ts';

describeWithAws(
  'on AWS',
  (emulators) =>
    routerContract('aws-alb', async () => {
      const home = await AlbHome.make(emulators(), ['web', 'api']);
      return {
        router: home.routers,
        startUpstream: (name) => home.startUpstream(name),
        // By chance: five standard deviations of 200 requests at 10 % are 21.
        tolerance: 11,
        counts: false,
        cohorts: false,
        previews: false,
        listens: false,
        whenRemoved: 503,
        settle: () => home.aws.plane.followed(),
        join: (upstreams) => home.join(upstreams),
        keeps: ({ host, port, attributes }) => ({
          host,
          port,
          attributes: { targetGroupArn: attributes?.targetGroupArn ?? '' },
        }),
        shifts: 15,
        drainMs: 1_000,
        dispose: () => home[Symbol.asyncDispose](),
      };
    }),
  { ministack: false },
);
