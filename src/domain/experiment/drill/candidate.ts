import { canonicalJson } from '../../canonical-json.ts';
import { DEFAULT_POOL } from '../../pools/pool.ts';
import type { ServiceSpec } from '../../service/service.ts';
import { applyMergePatch, buildMergePatch } from '../merge-patch.ts';
import type { CandidateSpec } from './drill.ts';

type Described = Pick<ServiceSpec, 'artifact' | 'blueprint' | 'checks'>;

/**
 * The release that applying a manifest would make, by what is different from how the service is described now; or why it
 * cannot be said like that.
 */
export function describeCandidate(described: Described, wanted: Described): CandidateSpec | { fault: string } {
  const [is, asked] = [described.blueprint, wanted.blueprint];
  if (is.name !== asked.name) {
    return {
      fault: `its blueprint is ${asked.name}, and what is live was made by ${is.name}: only releases of one can be tried`,
    };
  }
  if (is.pool !== asked.pool) {
    const [live = DEFAULT_POOL, wants = DEFAULT_POOL] = [is.pool, asked.pool];
    return {
      fault: `its pool is ${wants}, and the service is described with ${live}: only releases of one can be tried`,
    };
  }
  const config = buildMergePatch(is.config, asked.config);
  if (canonicalJson(applyMergePatch(is.config, config)) !== canonicalJson(asked.config)) {
    return { fault: 'its config has a null, which a patch cannot say' };
  }
  const hasChecks = canonicalJson(described.checks) !== canonicalJson(wanted.checks);
  return {
    artifact: wanted.artifact,
    ...(Object.keys(config).length === 0 ? {} : { patch: { blueprint: { config } } }),
    ...(hasChecks ? { checks: wanted.checks } : {}),
  };
}
