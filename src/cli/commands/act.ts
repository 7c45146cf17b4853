import type { RolloutVerb } from '../../contract/supplant-client.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import { requireGlassReason } from '../break-glass.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { onService, readRollout } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { effectLines } from '../views/effect.ts';

export interface ActOptions {
  rollout?: string;
  reason?: string;
  full?: boolean;
  breakGlass?: boolean;
}

/** Asks something of a running rollout and says what it does now. */
export async function actOnRollout(
  session: Session,
  verb: RolloutVerb,
  service: string,
  options: ActOptions,
): Promise<number> {
  const rollout = options.rollout === undefined ? {} : { rollout: readRollout(options.rollout) };
  const reason = options.reason === undefined ? {} : { reason: options.reason };
  if (options.full && options.reason === undefined) {
    throw new UsageError('--full leaves out steps that were planned, and goes on record with a reason', {
      suggestion: 'say why: --reason "a fix that cannot wait"',
    });
  }
  if (options.breakGlass) requireGlassReason(options.reason);
  const how = {
    ...(options.full ? { full: true as const } : {}),
    ...(options.breakGlass ? { breakGlass: true as const } : {}),
  };
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      const effect = await client.act(key, verb, { ...rollout, actor: session.actor, ...reason, ...how });
      const document = { service: formatServiceId(key), verb, effect };
      session.terminal.done('act', document, ({ width }) => effectLines(formatServiceId(key), effect, width));
      return EXIT.ok.code;
    }),
  );
}
