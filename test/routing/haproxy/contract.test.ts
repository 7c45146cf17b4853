import { routerContract } from '../../contract/router.ts';
import { startUpstream } from '../../contract/upstream.ts';
import { HaproxyHome, describeWithHaproxy } from './home.ts';

describeWithHaproxy('with HAProxy', () =>
  routerContract('haproxy', async () => {
    const home = await HaproxyHome.make();
    await home.start();
    const router = home.client();
    return {
      router,
      startUpstream,
      tolerance: 0,
      dispose: async () => {
        await router.close();
        await home.dispose();
      },
    };
  }),
);
