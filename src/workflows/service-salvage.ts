import type { RolloutInput } from '../domain/requests.ts';
import { type Revision, stackName } from '../domain/revision.ts';
import { remember, standing } from '../domain/service-state.ts';
import { WRITES_PER_ROLLOUT, generation, routeTo } from '../domain/standing.ts';
import type { ServiceDesk } from './service-desk.ts';
import { quickly } from './steps.ts';
import { startTeardown } from './take-down.ts';

const RETRY_MS = 30_000;

/** Somebody terminated the rollout: what is on record decides what is live, traffic goes there, the rest is taken down. */
export async function salvage(desk: ServiceDesk, input: RolloutInput): Promise<void> {
  const { key } = desk.state;
  const ref = { service: key, number: input.number, actor: 'supplant' };
  const because = 'the rollout was terminated';
  const { lineup } = await quickly('recall', 'what is live, after a terminated rollout', [key]);
  const replaced = desk.state.lineup.live?.revision.number;
  const { revision } = input;
  const settled =
    input.kind === 'remove'
      ? lineup.live === undefined && lineup.warm.length === 0
      : revision !== undefined && revision.number === lineup.live?.revision.number;
  desk.state = {
    ...desk.state,
    lineup,
    formerly: remember(desk.state.formerly, replaced, lineup.live?.revision.number),
    removed: input.kind === 'remove' && settled && desk.state.queue.length === 0,
  };
  const written = generation(input.number, WRITES_PER_ROLLOUT / 2);
  if (lineup.live) {
    const route = routeTo(key, written, lineup.live, lineup.warm);
    await quickly('shift', 'traffic to what is live', [{ ref, route, because }]);
  } else {
    await quickly('removeRoute', 'nothing is live: no route', [{ ref, generation: written }]);
  }
  for (const each of involved(input)) {
    if (!standing(lineup, each.number)) await abandonStack(desk, input, each, because);
  }
  await quickly('close', 'the rollout was terminated', [
    {
      ref,
      kind: input.kind,
      ...(revision ? { revision: revision.number } : {}),
      startedAt: new Date().toISOString(),
      at: new Date().toISOString(),
      outcome: settled ? 'succeeded' : 'failed',
      because,
    },
  ]);
}

/** Every revision whose stack the rollout may have made, or was to take down. */
function involved({ revision, lineup: { live, warm } }: RolloutInput): Revision[] {
  const stood = [...(live ? [live] : []), ...warm].map((each) => each.revision);
  const isNew = revision && !stood.some(({ number }) => number === revision.number);
  return isNew ? [...stood, revision] : stood;
}

async function abandonStack(
  desk: ServiceDesk,
  input: RolloutInput,
  revision: Revision,
  because: string,
): Promise<void> {
  const since = new Date().toISOString();
  const stack = stackName(revision.service, revision.number);
  const leaving = { revision: revision.number, stack, gone: false, since, attempts: 0 };
  desk.state = { ...desk.state, departing: [...desk.state.departing, leaving] };
  await startTeardown({
    v: 1,
    ref: { service: desk.state.key, number: input.number, actor: 'supplant' },
    revision,
    becomes: input.kind === 'deploy' && revision.number === input.revision?.number ? 'failed' : 'retired',
    because,
    attempts: 0,
    since,
    retryMs: RETRY_MS,
  });
}
