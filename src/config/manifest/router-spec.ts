import { DEFAULT_DRAIN_MS, type RouterSpec } from '../../domain/service/service.ts';
import type { RouterFields } from './router-schema.ts';
import type { Manifest } from './schema.ts';

/** The router that a manifest describes, by its name alone or with more. */
export function buildRouter(router: Manifest['router']): RouterSpec {
  return buildNamedRouter(typeof router === 'string' ? { kind: router, drain: DEFAULT_DRAIN_MS } : router);
}

function buildNamedRouter({ kind, port, listen, strictPort, drain: drainMs, ...more }: RouterFields): RouterSpec {
  switch (kind) {
    case 'embedded':
    case 'haproxy':
      return {
        kind,
        ...(port === undefined ? {} : { port }),
        ...(listen === undefined ? {} : { listen }),
        ...(strictPort ? { strictPort } : {}),
        drainMs,
      };
    case 'aws-alb': {
      const { rule = '', settle, lastSettle, healthyLooks, sticky } = more;
      return {
        kind,
        rule,
        ...(settle === undefined ? {} : { settleMs: settle }),
        ...(lastSettle === undefined ? {} : { lastSettleMs: lastSettle }),
        ...(healthyLooks === undefined ? {} : { healthyLooks }),
        ...(sticky === undefined ? {} : { stickyMs: sticky }),
        drainMs,
      };
    }
  }
}

/** A router as a manifest describes it, complete with what it says by default. */
export function buildRouterFields({ drainMs: drain = DEFAULT_DRAIN_MS, ...router }: RouterSpec): RouterFields {
  if (router.kind !== 'aws-alb') return { ...router, drain };
  const { settleMs: settle, lastSettleMs: lastSettle, stickyMs: sticky, ...more } = router;
  return { ...more, settle, lastSettle, sticky, drain };
}
