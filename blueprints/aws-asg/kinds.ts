import type { CloudKind } from '../aws/kind.ts';
import { autoScalingGroups } from '../aws/kinds/auto-scaling-group.ts';
import { launchTemplates } from '../aws/kinds/launch-template.ts';
import { testRules } from '../aws/kinds/listener-rule.ts';
import { targetGroups } from '../aws/kinds/target-group.ts';

/** In the order in which they can be removed. */
export const kinds: readonly CloudKind[] = [testRules, autoScalingGroups, targetGroups, launchTemplates];
