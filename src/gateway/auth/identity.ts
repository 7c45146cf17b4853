import {
  findBindings,
  decideAccess,
  decideAnywhere,
  decideApproval,
  listRoles,
  type Decision,
} from '../../domain/access.ts';
import type { Identity } from './auth.ts';
import type { AccessConfig } from './config.ts';

/** The caller of that name, with what the configuration binds to it or to one of its groups. */
export function identifyCaller(
  config: Pick<AccessConfig, 'bindings' | 'separateApprover'>,
  caller: { name: string; via: Identity['via']; groups?: readonly string[]; until?: Date | undefined },
): Identity {
  const { name, via, groups = [], until } = caller;
  const inGroups = groups.map((group) => `group:${group}`);
  const bindings = findBindings([name, ...inGroups], config.bindings);
  const separateApprover = config.separateApprover;
  return {
    name,
    via,
    until,
    bindings,
    refusal: (verb, service, requester) =>
      verb === 'approve' && service
        ? why(decideApproval(bindings, service, { approver: name, requester, separateApprover }))
        : why(decideAccess(bindings, verb, service)),
    refusalAnywhere: (verb) => why(decideAnywhere(bindings, verb)),
    standing: (service) => ({
      roles: listRoles(bindings, 'approve', service),
      ...(inGroups.length === 0 ? {} : { groups: inGroups }),
    }),
  };
}

function why(decision: Decision): string | undefined {
  return decision.allowed ? undefined : decision.reason;
}
