import type { CloudKind } from '../aws/kind.ts';
import { ecsServices } from '../aws/kinds/ecs-service.ts';
import { testRules } from '../aws/kinds/listener-rule.ts';
import { targetGroups } from '../aws/kinds/target-group.ts';
import { taskDefinitions } from '../aws/kinds/task-definition.ts';

/** In the order in which they can be removed. */
export const kinds: readonly CloudKind[] = [ecsServices, testRules, targetGroups, taskDefinitions];
