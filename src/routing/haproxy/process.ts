import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { computeBackoffMs } from '../../domain/backoff.ts';
import { Mutex } from '../../domain/mutex.ts';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import { type ProcessIdentity, isAlive } from '../../host/process-identity.ts';
import type { ClientPlace } from '../embedded/client-place.ts';
import { probePort } from '../embedded/probe-port.ts';
import { renderCohortMap } from './cohort-map.ts';
import { renderConfig } from './config.ts';
import { Control, type RevisionCounts } from './control.ts';
import { LIMITS } from './limits.ts';
import type { ProcessFolder, ProcessRecord } from './process-folder.ts';
import { renderRouteMap } from './route-map.ts';
import { EMPTY_TALLY, type Slot, assignSlots } from './slots.ts';
import { awaitGone, startHaproxy } from './start.ts';
import { NOTHING, type Wanted } from './wanted.ts';

/** How every HAProxy of this router is run. */
export interface ProcessSettings {
  program: string;
  clients: ClientPlace;
}

/** Which port of which service one serves, and where; the router's own address where that is absent. */
type ServedPlace = Pick<ProcessRecord, 'service' | 'port' | 'listen' | 'isPreview'>;

/** More than a few share no more work; each service has threads of its own. */
const MOST_THREADS = 4;

/**
 * The HAProxy that serves one port of one service. It outlives this process, and is started again when it dies, with what
 * is wanted of it by then.
 */
export class HaproxyProcess {
  readonly service: ServiceKey;
  readonly port: number;
  /** The IP address that it accepts at. */
  readonly listen: string;
  readonly isPreview: boolean;
  readonly #settings: ProcessSettings;
  readonly #folder: ProcessFolder;
  readonly #control: Control;
  readonly #work = new Mutex();
  readonly #tidying: NodeJS.Timeout;
  #identity: ProcessIdentity | undefined;
  #wanted: Wanted = NOTHING;
  #slots: Slot[] = [];
  #counts: ReadonlyMap<number, RevisionCounts> = new Map();
  #failures = 0;
  #left: { freed: Promise<void>; ended: Promise<void> } | undefined;

  private constructor(settings: ProcessSettings, folder: ProcessFolder, of: ServedPlace) {
    this.#settings = settings;
    this.#folder = folder;
    this.#control = new Control(folder.runtimeSocket);
    this.service = of.service;
    this.port = of.port;
    this.listen = of.listen ?? settings.clients.listen;
    this.isPreview = of.isPreview ?? false;
    this.#tidying = setInterval(() => void this.#tidy(), LIMITS.tidyMs).unref();
  }

  /**
   * Whoever asks for it has seen that nobody else has the port, or has it itself.
   *
   * @throws Error with the code EADDRINUSE where somebody else has taken it since
   */
  static async start(
    settings: ProcessSettings,
    folder: ProcessFolder,
    of: ServedPlace,
    wanted: Wanted,
  ): Promise<HaproxyProcess> {
    const started = new HaproxyProcess(settings, folder, of);
    started.#wanted = wanted;
    try {
      await started.#work.run(() => started.#launch());
    } catch (error) {
      clearInterval(started.#tidying);
      await folder.remove();
      throw error;
    }
    return started;
  }

  /** Takes over what an earlier process of this router has started; undefined where that is gone. */
  static async takeOver(settings: ProcessSettings, folder: ProcessFolder): Promise<HaproxyProcess | undefined> {
    const record = folder.readRecord();
    const identity = record?.identity ?? (await new Control(folder.runtimeSocket).identify().catch(() => undefined));
    if (!record || !identity || !isAlive(identity)) {
      await folder.remove();
      return undefined;
    }
    const found = new HaproxyProcess(settings, folder, record);
    found.#slots = record.slots;
    found.#identity = identity;
    if (record.isLeaving) void found.leave();
    else void found.#watch(awaitGone(identity));
    return found;
  }

  /** Whether its port is given up. */
  get isLeaving(): boolean {
    return this.#left !== undefined;
  }

  /** New requests follow once it resolves. */
  follow(wanted: Wanted): Promise<void> {
    this.#wanted = wanted;
    return this.#work.run(async () => {
      if (this.#isAlive()) {
        try {
          await this.#bring();
          return;
        } catch (error) {
          if (this.#isAlive()) throw error;
        }
      }
      if (!this.isLeaving) await this.#relaunch();
    });
  }

  /** Whether it could carry out a route with a cohort; one that is started anew for it can. */
  canTellCohorts(): Promise<boolean> {
    // Not in the middle of a start, in which nobody answers yet.
    return this.#work.run(async () => {
      try {
        return !this.#isAlive() || (await this.#control.canTellCohorts());
      } catch (error) {
        if (this.#isAlive()) throw error;
        return true;
      }
    });
  }

  /** What it has counted since it was started: what it had, where it has ended; nothing while it is started again. */
  async count(): Promise<ReadonlyMap<number, RevisionCounts>> {
    if (this.#isAlive()) {
      try {
        this.#counts = await this.#control.count(this.#slots);
        return this.#counts;
      } catch (error) {
        if (this.#isAlive()) throw error;
      }
    }
    if (!this.isLeaving) return new Map();
    return new Map([...this.#counts].map(([revision, counts]) => [revision, { ...counts, inFlight: 0, upgraded: 0 }]));
  }

  /** Frees the port, and ends once nothing is in flight any more. */
  leave(): { freed: Promise<void>; ended: Promise<void> } {
    if (this.#left) return this.#left;
    const freed = this.#work.run(async () => {
      // Not kept, it is found out by the next process of this router.
      await this.#writeRecord().catch((error: unknown) => console.error(`router: ${(error as Error).message}`));
      // Whoever is told that a port is free has to find it so.
      if (this.#isAlive()) await this.#control.stopAccepting().catch(() => this.cut());
    });
    this.#left = { freed, ended: freed.then(() => this.#end()) };
    return this.#left;
  }

  /** Ends it at once, with whatever is under way. */
  cut(): void {
    this.#signal('SIGKILL');
  }

  async #end(): Promise<void> {
    clearInterval(this.#tidying);
    while (this.#isAlive()) {
      const counts = await this.count().catch(() => undefined);
      if (counts && [...counts.values()].every(({ inFlight }) => inFlight === 0)) break;
      await sleep(LIMITS.idlePauseMs);
    }
    this.#signal('SIGTERM');
    while (this.#isAlive()) await sleep(LIMITS.idlePauseMs / 10);
    await this.#folder.remove().catch(() => undefined);
  }

  async #launch(): Promise<void> {
    const { revisions } = this.#wanted;
    this.#slots = assignSlots(
      [],
      revisions.map(({ revision }) => revision),
      () => EMPTY_TALLY,
    );
    const servers = this.#slots.map(({ revision, number }): [number, Wanted['revisions'][number]['servers']] => [
      number,
      revisions.find((each) => each.revision === revision)?.servers ?? [],
    ]);
    const { program, clients } = this.#settings;
    const config = renderConfig({
      listen: this.listen,
      proxies: clients.proxies,
      port: this.port,
      runtimeSocket: this.#folder.runtimeSocket,
      threads: Math.min(MOST_THREADS, availableParallelism()),
      servers: new Map(servers),
    });
    await this.#folder.writeConfig(config, {
      route: renderRouteMap(this.#wanted, this.#slots, 'a'),
      cohort: renderCohortMap(this.#wanted.cohort ?? {}),
    });
    this.#identity = undefined;
    await this.#writeRecord();
    const started = await startHaproxy(program, this.#folder);
    this.#identity = started.identity;
    await this.#writeRecord();
    await started.untilReady(this.#control).catch((error: unknown) => {
      if (error instanceof Error) error.message = `${this.#name} did not start: ${error.message}`;
      throw error;
    });
    void this.#watch(started.ended);
  }

  /** HAProxy would share its port with whoever has taken it meanwhile and would share it, too. */
  async #relaunch(): Promise<void> {
    await probePort(this.listen, this.port);
    await this.#launch();
  }

  /** Starts it again when it ends without having been told to. */
  async #watch(ended: Promise<string>): Promise<void> {
    const began = performance.now();
    const how = await ended;
    if (this.isLeaving) return;
    this.#failures = performance.now() - began > LIMITS.longestPauseMs ? 0 : this.#failures + 1;
    console.error(`router: ${this.#name} ended (${how}) and is started again`);
    for (;;) {
      if (this.#failures > 0) {
        await sleep(computeBackoffMs(this.#failures, LIMITS.firstPauseMs, LIMITS.longestPauseMs));
      }
      try {
        await this.#work.run(async () => {
          if (!this.#isAlive() && !this.isLeaving) await this.#relaunch();
        });
        return;
      } catch (error) {
        this.#failures += 1;
        console.error(`router: ${(error as Error).message}`);
      }
    }
  }

  async #bring(): Promise<void> {
    this.#slots = await this.#control.bring(this.#wanted, this.#slots, async (slots) => {
      const isKnown = JSON.stringify(slots) === JSON.stringify(this.#slots);
      this.#slots = slots;
      if (!isKnown) await this.#writeRecord();
    });
  }

  /** What cannot be done now is tried again before long. */
  async #tidy(): Promise<void> {
    await this.#work.run(async () => {
      if (this.#isAlive()) await this.#control.tidy(this.#wanted, this.#slots).catch(() => undefined);
    });
  }

  async #writeRecord(): Promise<void> {
    const { service, port, listen } = this;
    const leaving = this.isLeaving ? { isLeaving: true as const } : {};
    const preview = this.isPreview ? { isPreview: true as const } : {};
    const identity = this.#identity === undefined ? {} : { identity: this.#identity };
    await this.#folder.writeRecord({
      v: 1,
      service,
      port,
      listen,
      ...preview,
      slots: this.#slots,
      ...identity,
      ...leaving,
    });
  }

  get #name(): string {
    return `HAProxy of ${formatServiceId(this.service)}`;
  }

  #isAlive(): boolean {
    return this.#identity !== undefined && isAlive(this.#identity);
  }

  #signal(name: NodeJS.Signals): void {
    if (!this.#identity || !isAlive(this.#identity)) return;
    try {
      process.kill(this.#identity.pid, name);
    } catch {
      // It ended by itself meanwhile.
    }
  }
}
