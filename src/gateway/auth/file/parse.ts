import type { Fault } from '../../../config/fault.ts';
import { readYaml } from '../../../config/yaml/read.ts';
import type { AccessConfig, JwtConfig } from '../config.ts';
import type { ReadFile } from './certificates.ts';
import { type AccessFields, accessSchema } from './schema.ts';

export type ParsedAccess = { ok: true; config: AccessConfig } | { ok: false; faults: Fault[] };

/**
 * Reads an `access.yaml`: complete with defaults, or with all its faults. Never throws.
 *
 * @param readFile gives the text of a file that is named in it, or throws
 */
export function parseAccess(text: string, readFile: ReadFile): ParsedAccess {
  const whole = 'access control: apiVersion, kind, bindings, and tokens, jwt or certificates';
  const read = readYaml(text, accessSchema(readFile), whole);
  return read.ok ? { ok: true, config: configOf(read.value) } : read;
}

function configOf({ tokens = [], jwt, certificates, bindings, separateApprover = [] }: AccessFields): AccessConfig {
  return {
    tokens: tokens.map(({ name, hash, expires }) => ({ name, hash, ...(expires ? { expires } : {}) })),
    ...(jwt ? { jwt: jwtOf(jwt) } : {}),
    ...(certificates ? { certificates } : {}),
    bindings: bindings.map(({ verbs, ...binding }) => ({ ...binding, ...(verbs ? { verbs } : {}) })),
    separateApprover,
  };
}

function jwtOf(jwt: NonNullable<AccessFields['jwt']>): JwtConfig {
  const { issuer, audience, jwks, algorithms, subject, groups, clockTolerance } = jwt;
  return {
    issuer,
    audience: typeof audience === 'string' ? [audience] : audience,
    ...(jwks === undefined ? {} : { jwks }),
    algorithms,
    subjectClaim: subject,
    ...(groups === undefined ? {} : { groupsClaim: groups }),
    clockToleranceMs: clockTolerance,
  };
}
