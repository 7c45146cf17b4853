import type { CloudKind } from '../aws/kind.ts';
import { functions } from '../aws/kinds/function.ts';
import { testRules } from '../aws/kinds/listener-rule.ts';
import { permissions } from '../aws/kinds/permission.ts';
import { targetGroups } from '../aws/kinds/target-group.ts';

/** In the order in which they can be removed. */
export const kinds: readonly CloudKind[] = [testRules, targetGroups, permissions, functions];
