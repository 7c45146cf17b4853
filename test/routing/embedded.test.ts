import { routerContract } from '../contract/router.ts';
import { startUpstream } from '../contract/upstream.ts';
import { RouterHome } from './router-process.ts';

routerContract('embedded', async () => {
  const home = await RouterHome.make();
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
});
