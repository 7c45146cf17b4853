import type { GateSpec, WindowRule } from '../../../src/domain/gates/gate.ts';
import { type HookKind, type HookSpec, isPastReturn } from '../../../src/domain/hooks/hook.ts';
import type { ServiceSpec } from '../../../src/domain/service/service.ts';
import type { GatePlan, GuardedRun, Guards, HookPlan } from './plan.ts';

/** Longer than all that is struck in a run keeps anything down. */
const PATIENT_MS = 150_000;
/** Short enough that nobody has to wait for it. */
const IGNORED_MS = 2_500;
/** The least that a manifest may say. */
const ASKED_EVERY_MS = 10_000;
const CALL_MS = 2_000;

/** For how long a revision stays warm where something is to be taken away after it, in milliseconds. */
const WARM_MS = 4_000;
/** For how long nothing is taken away after a revision became live: often the longer of the two, often not. */
const CONTRACT_AFTER_MS = 3_000;

/** Roles that may approve; who asked is not among them. */
const APPROVERS = ['approver'];

/** Where the harness' own programs listen, and the secret that workers sign with. */
export interface Place {
  url: string;
  secret: string;
}

/** The part of a service's description that has to do with gates and hooks, as it is when a deployment is asked for. */
export function describeGuarded(
  { migrations }: GuardedRun,
  { gate, hooks }: Guards,
  place: Place,
): Partial<ServiceSpec> {
  const call = (path: string) => ({ url: `${place.url}/${path}`, secret: place.secret, timeoutMs: CALL_MS });
  return {
    ...(gate ? { gates: [buildGate(gate, place)] } : {}),
    ...(hooks.length > 0 ? { hooks: hooks.map((hook, index) => buildHook(hook, index, place)) } : {}),
    ...(migrations
      ? {
          migrations: {
            expand: { ...call(`hooks/${migrations.expand}`), waitForMs: PATIENT_MS },
            contract: { ...call(`contracts/${migrations.contract}`), afterMs: CONTRACT_AFTER_MS },
          },
          retention: { warm: 1, warmForMs: WARM_MS },
        }
      : {}),
  };
}

/** What a gate of a plan is called: one of each kind is enough to tell them apart. */
function buildGate(gate: GatePlan, { url, secret }: Place): GateSpec {
  const { kind, before, everyStep } = gate;
  const step = everyStep ? { step: 'every' as const } : {};
  const terms = { name: `the-${kind}`, before, ...step, expiresAfterMs: PATIENT_MS, then: 'rollback' as const };
  switch (gate.kind) {
    case 'approval': {
      const { least, fate, then } = gate;
      const demand = { from: APPROVERS, least, notRequester: true, reason: 'required' as const };
      const end = fate === 'ignored' ? { expiresAfterMs: IGNORED_MS, then } : {};
      return { ...terms, ...end, kind: 'approval', ...demand };
    }
    case 'window':
      return { ...terms, kind: 'window', timeZone: 'UTC', deny: [denyUntil(Date.now() + gate.opensInMs)] };
    case 'webhook':
      return { ...terms, kind: 'webhook', url: `${url}/gates/${gate.fate}`, secret, everyMs: ASKED_EVERY_MS };
  }
}

/** A time that began with a full minute before now, since rules have no seconds, and ends then. */
export function denyUntil(end: number): WindowRule {
  const begin = new Date(Math.floor((end - 60_000) / 60_000) * 60_000);
  const rule = `FREQ=DAILY;BYHOUR=${begin.getUTCHours()};BYMINUTE=${begin.getUTCMinutes()}`;
  return { rule, forMs: end - begin.getTime() };
}

function buildHook(plan: HookPlan, index: number, { url, secret }: Place): HookSpec {
  const { moment, phase, style, onFailure, ofRollbacks } = plan;
  const kinds: HookKind[] = ofRollbacks ? ['deploy', 'rollback'] : ['deploy'];
  return {
    ...{ name: `h${index + 1}`, moment, phase, url: `${url}/hooks/${style}`, secret },
    ...{ timeoutMs: CALL_MS, waitForMs: PATIENT_MS, kinds },
    onFailure: isPastReturn({ moment, phase }) ? 'ignore' : onFailure,
  };
}
