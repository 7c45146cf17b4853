import type { DescField } from '@bufbuild/protobuf';
import {
  ConcurrencyPolicySchema,
  DriftPolicySchema,
  FreezeEndingSchema,
  HookFailurePolicySchema,
  HttpCheck_MethodSchema,
  Inspection_ThenSchema,
  RollbackSafetyDemandSchema,
} from '../gen/supplant/v1/services_pb.ts';
import {
  driftPolicies,
  freezeEndings,
  hookFailures,
  inspectionEnds,
  methods,
  phases,
  policies,
  rollbackDemands,
} from './enums.ts';
import { PhaseSchema } from '../gen/supplant/v1/common_pb.ts';
import { ApprovalGate_ReasonSchema, Gate_ActionSchema, Gate_VerbSchema } from '../gen/supplant/v1/gates_pb.ts';
import { gateActions, gatedVerbs, reasonDemands } from './gates.ts';

/*
 * A manifest and the message of the contract that says the same have the same names, each in its own way of writing them:
 * `strictPort` and `strict_port`. So the contract's description of a message is all that it takes to make one of the
 * other, and a key that is added to both needs nothing here. What differs nevertheless is on this page.
 */

/** Keys that are called otherwise in the contract, where `service.spec.service` and a key `for` would read badly. */
const KEYS: Readonly<Record<string, string>> = {
  'supplant.v1.ServiceSpec.service': 'name',
  'supplant.v1.Retention.warm_for': 'for',
  'supplant.v1.FreezeOnFail.limit': 'for',
  'supplant.v1.WindowRule.lasts': 'for',
};

/** Messages whose fields a manifest has beside those of what they are in: a command and its folder, in the check. */
const INLINE: ReadonlySet<string> = new Set(['supplant.v1.Check.command']);

/** Texts that a manifest may also write as numbers. */
const NUMERIC: ReadonlySet<string> = new Set(['supplant.v1.FailureLimit.unanswered_requests', 'supplant.v1.Gate.step']);

/** The words for the numbers of an enumeration. */
export const WORDS: Readonly<
  Record<string, { word(number: number): string | undefined; numberOf(word: string): number | undefined }>
> = {
  [ConcurrencyPolicySchema.typeName]: policies,
  [ApprovalGate_ReasonSchema.typeName]: reasonDemands,
  [DriftPolicySchema.typeName]: driftPolicies,
  [FreezeEndingSchema.typeName]: freezeEndings,
  [HookFailurePolicySchema.typeName]: hookFailures,
  [Gate_ActionSchema.typeName]: gateActions,
  [Gate_VerbSchema.typeName]: gatedVerbs,
  [HttpCheck_MethodSchema.typeName]: methods,
  [Inspection_ThenSchema.typeName]: inspectionEnds,
  [PhaseSchema.typeName]: phases,
  [RollbackSafetyDemandSchema.typeName]: rollbackDemands,
};

/** `supplant.v1.Retention.warm_for`. */
function qualify({ parent, name }: DescField): string {
  return `${parent.typeName}.${name}`;
}

/** What a manifest calls a field. */
export function readKey(field: DescField): string {
  return KEYS[qualify(field)] ?? field.localName;
}

/** What a manifest calls one of several kinds: `blue-green`. */
export function readKindName({ name }: DescField): string {
  return name.replaceAll('_', '-');
}

export function isInline(field: DescField): boolean {
  return field.oneof?.name === 'kind' || INLINE.has(qualify(field));
}

export function isNumeric(field: DescField): boolean {
  return NUMERIC.has(qualify(field));
}
