import type { RolloutVerb } from '../../client/api.ts';
import { serviceId } from '../../domain/service.ts';
import { EXIT } from '../exit-codes.ts';
import { onService, readRollout } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { line, span } from '../views/text.ts';

/** Asks something of a running rollout and says what it does now. */
export async function act(
  session: Session,
  verb: RolloutVerb,
  service: string,
  options: { rollout?: string; reason?: string },
): Promise<number> {
  const rollout = options.rollout === undefined ? {} : { rollout: readRollout(options.rollout) };
  const reason = options.reason === undefined ? {} : { reason: options.reason };
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      const effect = await client.act(key, verb, { ...rollout, actor: session.actor, ...reason });
      const document = { service: serviceId(key), verb, effect };
      session.terminal.result('act', document, () =>
        session.terminal.quiet ? [] : [line(span(`${serviceId(key)}: `, 'strong'), effect)],
      );
      return EXIT.ok.code;
    }),
  );
}
