import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { findDisagreements } from '../agreement.ts';
import type { Bench } from '../bench.ts';
import { type Tally, nameSituation } from './cells.ts';
import { type RequestAnswer, TestClient, UnansweredError } from './clients.ts';
import type { Place } from './places.ts';
import type { Aim, Ask, Sequence } from './sequence.ts';
import { type Subject, beginSubject, createFault, describeService } from './subject.ts';
import { type StepCall, Turnstile } from './turnstile.ts';
import { LIMIT_MS, WatchedRollout } from './watched-rollout.ts';
import { type Exchange, ObjectionError } from './witness.ts';

const LOOK_AGAIN_MS = 60;

/** One service, of which one sequence after the other is carried out and judged. */
export class Conductor {
  readonly #bench: Bench;
  readonly #turnstile: Turnstile;
  readonly #clients: readonly [TestClient, TestClient];
  readonly #tally: Tally;
  #artifacts = 0;
  #lost = 0;

  constructor(bench: Bench, tally: Tally) {
    this.#bench = bench;
    this.#turnstile = new Turnstile(bench.activities);
    this.#clients = [new TestClient(bench, 'ada'), new TestClient(bench, 'bob')];
    this.#tally = tally;
  }

  /** Of the sequences so far, those of which a worker has lost a task, so that not all could be judged. */
  get lost(): number {
    return this.#lost;
  }

  /** @throws Error with all that was seen, where something is not as it has to be */
  async run(sequence: Sequence): Promise<{ isSure: boolean }> {
    const turnstile = this.#turnstile;
    const known: { watched?: WatchedRollout } = {};
    const fault = createFault(sequence, this.#bench, () => known.watched?.subject);
    const { lastRollout = 0 } = (await this.#bench.activities.store.catalogue.service(this.#bench.service)) ?? {};
    const isSubject = ({ task }: StepCall): boolean =>
      (task as { ref: { number: number } }).ref.number === lastRollout + 1;
    const effect = (call: StepCall) => (isSubject(call) ? fault(call) : undefined);
    const holds = (call: StepCall): boolean =>
      isSubject(call) && isStopped(sequence, call) && (known.watched?.stops(call) ?? true);
    turnstile.use({ holds, effect });
    if (sequence.isStopped) await this.#clients[1].stop('set');
    const subject = await beginSubject(this.#bench, this.#clients[0], sequence, this.#nextArtifact());
    const watched = new WatchedRollout(this.#bench, turnstile, subject);
    known.watched = watched;
    try {
      await this.#unlessLost(watched, async () => {
        await watched.begun();
        for (const aim of sequence.aims) if (watched.witness.isSure) await this.#carryOut(watched, aim, sequence);
      });
      turnstile.use({ holds: () => false, effect });
      await this.#unlessLost(watched, async () => {
        if (sequence.isStopped) await this.#ask(watched, [{ what: 'lift' }], sequence);
        await watched.end(this.#clients[0]);
      });
      // Nothing of it is sure any more: its end is seen all the same.
      if (!watched.isOver) await watched.end(this.#clients[0]);
      await this.#rest();
      return { isSure: watched.witness.isSure };
    } catch (error) {
      throw new Error(
        `${JSON.stringify(sequence)}\n${JSON.stringify(subject.automaton.places)}\n${watched.witness.log.join('\n')}`,
        { cause: error },
      );
    } finally {
      turnstile.use();
    }
  }

  /**
   * A worker that loses a task in the middle begins it anew, from what is in the history: steps in place that were made in it, and
   * what it showed of them, were before that. What is seen then proves nothing.
   */
  async #unlessLost(watched: WatchedRollout, body: () => Promise<void>): Promise<void> {
    try {
      await body();
    } catch (error) {
      if (!(error instanceof ObjectionError) || !(await watched.hasLostTask())) throw error;
      watched.witness.giveUp('a worker has lost a task of it');
      this.#lost += 1;
    }
  }

  async #carryOut(watched: WatchedRollout, { place, mode, rounds }: Aim, sequence: Sequence): Promise<void> {
    const { witness } = watched;
    const target = findTarget(witness.automaton.places, place);
    if (sequence.holds === 'none') await sleep(target);
    else await watched.reach(target, this.#clients[0]);
    if (mode === 'paused' && witness.states.every(({ isPaused, outcome }) => !isPaused && !outcome)) {
      await this.#ask(watched, [{ what: 'pause' }], sequence);
    }
    if (mode === 'undoing') {
      await this.#ask(watched, [{ what: 'abort' }], sequence);
      if (sequence.holds !== 'none') await watched.undone();
    }
    if (mode === 'frozen') await watched.frozen(this.#clients[0]);
    for (const round of rounds) await this.#ask(watched, round, sequence);
  }

  async #ask(watched: WatchedRollout, asks: readonly Ask[], sequence: Sequence): Promise<void> {
    const { witness } = watched;
    // Nothing is let through meanwhile: what is not held any more stood still until something that was asked has called it off.
    const wasHeld = this.#turnstile.held.length > 0;
    const asking = asks.map((each, index) => this.#send(watched.subject, each, this.#clients[index % 2]!, sequence));
    const settled = await Promise.allSettled(asking);
    const lost = settled.find((each) => each.status === 'rejected');
    if (lost) {
      if (!(lost.reason instanceof UnansweredError)) throw lost.reason as Error;
      witness.giveUp(lost.reason.message);
      return;
    }
    const exchanges = settled.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    for (const cell of witness.heard(exchanges, wasHeld)) if (cell !== undefined) this.#tally.add(cell);
    await watched.look();
  }

  async #send(
    { number }: Subject,
    { what, full, breakGlass, by, twice }: Ask,
    client: TestClient,
    sequence: Sequence,
  ): Promise<Exchange[]> {
    // What is not stopped is lifted already.
    if (what === 'lift') return [{ asked: what, answer: await client.stop('lift') }];
    if (what === 'rollback') return [exchangeOf(what, number, await client.ask({ kind: 'rollback' }))];
    if (what === 'supersede') {
      const described = describeService(
        this.#bench,
        { ...sequence, concurrency: 'supersede-running' },
        this.#nextArtifact(),
      );
      // It has the same gates, and is none that is watched.
      const answer = await client.ask({ kind: 'apply', spec: described }, randomUUID(), { breakGlass: true });
      return [exchangeOf(what, number, answer)];
    }
    const requestId = randomUUID();
    const asked = {
      verb: what,
      ...(full ? { full } : {}),
      ...(breakGlass ? { breakGlass } : {}),
      ...(what === 'approve' ? { by: by ?? client.actor } : {}),
    };
    const answers = await Promise.all(
      Array.from({ length: twice ? 2 : 1 }, () => client.act(number, asked, requestId)),
    );
    const taken = new Set(answers.filter(({ isTaken }) => isTaken).map(({ text }) => text));
    if (taken.size > 1) throw new Error(`the same request was answered twice: ${[...taken].join(' | ')}`);
    // Taken twice is taken once.
    const once = answers.every(({ isTaken }) => isTaken) ? answers.slice(0, 1) : answers;
    return once.map((answer) => ({ asked, answer }));
  }

  /** What was asked for on the way comes to its end, and everything is agreed. */
  async #rest(): Promise<void> {
    this.#turnstile.use();
    const { activities, service } = this.#bench;
    const until = Date.now() + LIMIT_MS;
    for (;;) {
      const found = await findDisagreements(activities, service);
      if (found.length === 0) break;
      if (Date.now() > until) throw new Error(`it does not come to rest: ${found.join('; ')}`);
      await sleep(LOOK_AGAIN_MS);
    }
    if (activities.breaches.length > 0) throw new Error(activities.breaches.join('; '));
  }

  #nextArtifact(): string {
    this.#artifacts += 1;
    return `v${this.#artifacts}`;
  }
}

/** The index of a place, or of the end where there is none like it. Of a first deployment all steps are the only one. */
function findTarget(places: readonly Place[], place: Aim['place']): number {
  if (typeof place === 'number') return place % (places.length + 1);
  const names = places.map(nameSituation);
  const [found] = [place, place.replace(/(the first|a middle|the last) step/, 'the only step')]
    .map((name) => names.indexOf(name))
    .filter((at) => at !== -1);
  return found ?? places.length;
}

/** Whether a step is one of those that the sequence stops at all. */
function isStopped({ holds: which }: Sequence, { name, task }: StepCall): boolean {
  if (which === 'none') return false;
  if (name === 'recordPutBack') return which === 'all' && (task as { stage: string }).stage === 'begun';
  return which === 'all' || ['provision', 'check', 'bake', 'destroy'].includes(name);
}

function exchangeOf(asked: 'rollback' | 'supersede', number: number, answer: RequestAnswer): Exchange {
  return { asked, answer, endsRollout: answer.receipt?.ends === number };
}
