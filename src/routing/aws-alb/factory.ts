import type { AwsAlbRouterSpec } from '../../domain/service/service.ts';
import { loadOptional } from '../../host/missing-package.ts';
import type { RouterFactory } from '../router.ts';
import { AwsAlbRouter } from './client.ts';
import { AlbFacts } from './facts.ts';
import { CLIENT_LIMITS } from './limits.ts';
import { RulePlace, createClient } from './rule-place.ts';

/** `arn:aws:elasticloadbalancing:eu-west-1:…` is in `eu-west-1`. */
function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

/**
 * The routers of all rules. The SDK is loaded here, since whoever has nothing on AWS has not installed it; there is one
 * client a region, so that what AWS throttles slows all of them down together.
 */
export async function openAlbFactory({
  healthPauseMs = CLIENT_LIMITS.healthPauseMs,
}: { healthPauseMs?: number } = {}): Promise<RouterFactory<AwsAlbRouterSpec>> {
  const sdk = await loadOptional(() => import('@aws-sdk/client-elastic-load-balancing-v2'));
  const clients = new Map<string, ReturnType<typeof createClient>>();
  const parts = { facts: new AlbFacts(), healthPauseMs };
  return {
    create(spec) {
      const region = regionOf(spec.rule);
      const client = clients.get(region) ?? createClient(sdk, region);
      clients.set(region, client);
      return new AwsAlbRouter(new RulePlace(sdk, client, spec.rule), spec, parts);
    },
    async close() {
      for (const client of clients.values()) client.destroy();
      return Promise.resolve();
    },
  };
}
