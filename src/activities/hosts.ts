import { type HostStanding, judgeHost } from '../domain/hosts/host.ts';
import { type PoolStanding, judgePool } from '../domain/pools/served.ts';
import type { HostRegistry } from '../store/hosts/registry.ts';

/** Whether somebody who has to wait for a host or a pool waits for one that comes. Reads only. */
export function hostActivities(hosts: Pick<HostRegistry, 'find' | 'list'>) {
  return {
    async lookUpHost(id: string): Promise<HostStanding> {
      return judgeHost(id, await hosts.find(id));
    },

    /** Who serves a pool, by the workers that were seen just now. */
    async lookUpPool(pool: string): Promise<PoolStanding> {
      return judgePool(pool, await hosts.list());
    },
  };
}
