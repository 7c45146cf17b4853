import { type HostStanding, judgeHost } from '../domain/hosts/host.ts';
import type { HostRegistry } from '../store/hosts/registry.ts';

/** Whether somebody who has to wait for a host waits for one that comes back. Reads only. */
export function hostActivities(hosts: Pick<HostRegistry, 'find'>) {
  return {
    async lookUpHost(id: string): Promise<HostStanding> {
      return judgeHost(id, await hosts.find(id));
    },
  };
}
