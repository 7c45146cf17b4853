import type { DriftReport } from '../../src/domain/drift/view.ts';
import { secondsAgo } from './sample-views.ts';

const web = { name: 'web', environment: 'production' };
const PROCESS = 'local-process:index:Process';
const urn = (name: string): string => `urn:pulumi:web-production-r3::production::${PROCESS}::${name}`;

/** One stack in each state. */
export const DRIFT: DriftReport = {
  stacks: [
    {
      ...{ service: web, revision: 2, isLive: false, state: 'acknowledged', blocks: true },
      findings: [
        {
          ...{ urn: 'urn:2', type: 'aws:ec2/securityGroup:SecurityGroup', name: 'firewall', kind: 'changed' },
          ...{ properties: ['ingress', 'tags'], isAcknowledged: true },
        },
      ],
      ...{ since: secondsAgo(90_000), lookedAt: secondsAgo(300) },
      acknowledged: { by: 'token:oncall', at: secondsAgo(80_000), reason: 'port 22 is open until the audit is over' },
    },
    {
      ...{ service: web, revision: 3, isLive: true, state: 'drifted', blocks: true },
      findings: [
        { urn: urn('p1'), type: PROCESS, name: 'p1', kind: 'gone', properties: [], isAcknowledged: false },
        { urn: urn('p2'), type: PROCESS, name: 'p2', kind: 'changed', properties: ['port'], isAcknowledged: false },
      ],
      ...{ since: secondsAgo(4_000), lookedAt: secondsAgo(300) },
    },
    {
      ...{ service: { ...web, environment: 'staging' }, revision: 9, isLive: true, state: 'unknown', blocks: false },
      findings: [],
      ...{ lookedAt: secondsAgo(8_000) },
      trouble: { since: secondsAgo(4_400), because: 'the engine made no progress for 5 minutes' },
    },
    {
      ...{ service: { ...web, name: 'worker' }, revision: 1, isLive: true, state: 'none', blocks: false },
      findings: [],
      lookedAt: secondsAgo(300),
    },
  ],
  trouble: 'somebody has paused the schedule of looks in Temporal, supplant/drift (moving the account)',
};
