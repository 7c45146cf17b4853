import { formatServiceId, type ServiceKey } from './service/service.ts';
import { VERBS } from './rollout/verbs.ts';

/** What a caller can be. Every role may do what `viewer` may; `admin` may do everything. */
export const ROLES = ['viewer', 'deployer', 'approver', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Everything that can be asked through the API, as far as permission goes; the verbs of a rollout among it. */
export const ACCESS_VERBS = [
  'view',
  'audit',
  'logs',
  'apply',
  'deploy',
  'remove',
  'unqueue',
  'pin',
  'markBad',
  'experiment',
  'drift',
  'reap',
  'forgetHost',
  'breakGlass',
  'changeStop',
  ...VERBS,
] as const;
export type AccessVerb = (typeof ACCESS_VERBS)[number];

const EVERYONE = ROLES;
const DEPLOYERS = ['deployer', 'admin'] as const;
const APPROVERS = ['approver', 'admin'] as const;
const ADMINS = ['admin'] as const;

/** The roles that may do each verb. This table is the only place that says so. */
export const ACCESS_TABLE: Record<AccessVerb, readonly Role[]> = {
  view: EVERYONE,
  audit: EVERYONE,
  // They may hold secrets, which a look at a dashboard must not show.
  logs: DEPLOYERS,
  apply: DEPLOYERS,
  deploy: DEPLOYERS,
  rollback: DEPLOYERS,
  unqueue: DEPLOYERS,
  promote: DEPLOYERS,
  pause: DEPLOYERS,
  resume: DEPLOYERS,
  abort: DEPLOYERS,
  retry: DEPLOYERS,
  pin: DEPLOYERS,
  markBad: DEPLOYERS,
  // Whoever applies one that is like a service has to be allowed to deploy that, too.
  experiment: DEPLOYERS,
  // Has stacks looked at, and says what of their drift may stay.
  drift: DEPLOYERS,
  approve: APPROVERS,
  reject: APPROVERS,
  // Takes a service and all its stacks away: nothing that a pipeline does every day.
  remove: ADMINS,
  // Of all services: it looks at every stack there is.
  reap: ADMINS,
  // What ran there is taken to be gone, of whichever service.
  forgetHost: ADMINS,
  // Passes what others have agreed on.
  breakGlass: ADMINS,
  // Of all services of an environment: it holds what everybody does.
  changeStop: ADMINS,
};

/** A role for some callers on some services. */
export interface Binding {
  /** Patterns such as `token:ci` and `jwt:*@example.com`; `*` stands for any characters. */
  subjects: readonly string[];
  role: Role;
  /** Patterns of name and environment, such as `web/*` and `shop/prod-*`: `*` stands for any characters of either. */
  services: readonly string[];
  /** Only these of the role's verbs; all of them when absent. */
  verbs?: readonly AccessVerb[];
}

/** May it be done: by which binding, or why not and which binding would be needed. */
export type Decision = { allowed: true; by: Binding } | { allowed: false; reason: string };

/** The bindings that hold for a caller known by `names`: a subject, and the groups it is in. */
export function findBindings(names: readonly string[], bindings: readonly Binding[]): Binding[] {
  return bindings.filter(({ subjects }) =>
    subjects.some((pattern) => names.some((name) => matchesPattern(pattern, name))),
  );
}

/**
 * Whether a caller with these bindings may do `verb`. Without a service, all services are meant, which only a binding
 * on all of them allows. What no binding allows is refused.
 */
export function decideAccess(bindings: readonly Binding[], verb: AccessVerb, service?: ServiceKey): Decision {
  const by = bindings.find((binding) => mayDo(binding, verb) && covers(binding, service));
  if (by) return { allowed: true, by };
  const on = service ? formatServiceId(service) : 'all services (*/*)';
  const needed = `${verb} on ${on} needs the role ${ACCESS_TABLE[verb].join(' or ')} there`;
  return { allowed: false, reason: `${needed}; ${held(bindings)}` };
}

/** Whether a caller with these bindings may do `verb` to any service at all, whichever it turns out to be. */
export function decideAnywhere(bindings: readonly Binding[], verb: AccessVerb): Decision {
  const by = bindings.find((binding) => mayDo(binding, verb));
  if (by) return { allowed: true, by };
  return { allowed: false, reason: `${verb} needs the role ${ACCESS_TABLE[verb].join(' or ')}; ${held(bindings)}` };
}

/** Who asks for an approval, of what, and where approver and requester have to be two. */
export interface Approval {
  approver: string;
  /** Undefined where that is not known, which nobody can be proven to differ from. */
  requester: string | undefined;
  /** Patterns of services whose rollouts nobody approves for themselves. */
  separateApprover: readonly string[];
}

/** Whether the caller may approve this rollout of the service: {@link decideAccess}, and not their own where that is demanded. */
export function decideApproval(bindings: readonly Binding[], service: ServiceKey, approval: Approval): Decision {
  const decision = decideAccess(bindings, 'approve', service);
  const { approver, requester, separateApprover } = approval;
  const differ = requester !== undefined && approver !== requester;
  if (!decision.allowed || differ) return decision;
  if (!separateApprover.some((pattern) => matchesService(pattern, service))) return decision;
  const who = requester ?? 'somebody unknown';
  const reason = `${who} asked for this rollout of ${formatServiceId(service)}; somebody else has to approve it`;
  return { allowed: false, reason };
}

/** Whether `*` in the pattern can stand for characters, or for none, such that it reads as the text. Case matters. */
export function matchesPattern(pattern: string, text: string): boolean {
  const [first = '', ...pieces] = pattern.split('*');
  const last = pieces.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let end = first.length;
  for (const piece of pieces) {
    const start = text.indexOf(piece, end);
    if (start < 0) return false;
    end = start + piece.length;
  }
  return text.length - last.length >= end && text.endsWith(last);
}

/** The roles by which a caller with these bindings may do `verb` to the service. */
export function listRoles(bindings: readonly Binding[], verb: AccessVerb, service: ServiceKey): Role[] {
  const found = bindings.filter((binding) => mayDo(binding, verb) && covers(binding, service));
  return [...new Set(found.map(({ role }) => role))];
}

/** Matches name by name: `*` in `web/*` is any environment, and never reaches over the `/`. */
export function matchesService(pattern: string, service: ServiceKey): boolean {
  const [name, environment, ...rest] = pattern.split('/');
  if (name === undefined || environment === undefined || rest.length > 0) return false;
  return matchesPattern(name, service.name) && matchesPattern(environment, service.environment);
}

/** `deployer on web/*`, with the verbs where it is not all of the role's. */
export function describeBinding({ role, services, verbs }: Binding): string {
  return `${role} on ${services.join(', ')}${verbs ? ` (only ${verbs.join(', ')})` : ''}`;
}

function mayDo({ role, verbs }: Binding, verb: AccessVerb): boolean {
  return ACCESS_TABLE[verb].includes(role) && (verbs === undefined || verbs.includes(verb));
}

function covers({ services }: Binding, service: ServiceKey | undefined): boolean {
  return services.some((pattern) => (service ? matchesService(pattern, service) : pattern === '*/*'));
}

const MOST_SHOWN = 5;

function held(bindings: readonly Binding[]): string {
  if (bindings.length === 0) return 'no role is bound to you';
  const shown = bindings.slice(0, MOST_SHOWN).map(describeBinding);
  const more = bindings.length > MOST_SHOWN ? `, and ${bindings.length - MOST_SHOWN} more` : '';
  return `you have ${shown.join('; ')}${more}`;
}
