import type { HostView } from '../../src/domain/hosts/view.ts';
import { secondsAgo } from './sample-views.ts';

const forgotten = { at: secondsAgo(3_600), by: 'ada', reason: 'its disk is broken' };

/** One host of each kind. */
export const HOSTS: HostView[] = [
  {
    ...{ id: 'build-1-0a1b2c3d', machine: 'build-1', version: '0.1.0', state: 'live', pools: ['default', 'eu-west'] },
    ...{ firstSeenAt: secondsAgo(2_000_000), lastSeenAt: secondsAgo(2) },
    ...{ stackCount: 2, stacks: ['production/web-production-r17', 'production/web-production-r18'] },
  },
  {
    ...{ id: 'build-2-4e5f6a7b', machine: 'build-2', version: '0.1.0', state: 'away', pools: ['us'] },
    ...{ firstSeenAt: secondsAgo(2_000_000), lastSeenAt: secondsAgo(1_200) },
    ...{ stackCount: 5, stacks: [1, 2, 3, 4, 5].map((number) => `production/api-production-r${number}`) },
  },
  {
    ...{ id: 'build-3-8c9d0e1f', machine: 'build-3', version: '0.1.0', state: 'forgotten', pools: ['default'] },
    ...{ firstSeenAt: secondsAgo(2_000_000), lastSeenAt: secondsAgo(7_200) },
    ...{ stackCount: 0, stacks: [], forgotten },
  },
  {
    ...{ id: 'build-4-22334455', machine: 'build-4', version: '0.1.0', state: 'live', pools: ['default'] },
    ...{ firstSeenAt: secondsAgo(2_000_000), lastSeenAt: secondsAgo(2) },
    ...{ stackCount: 0, stacks: [], forgotten },
  },
  { id: 'build-5-66778899', state: 'unknown', pools: [], stackCount: 1, stacks: ['test/web-test-r1'] },
];
