import type { NetConnectOpts } from 'node:net';
import fc from 'fast-check';
import type { EmbeddedRouter } from '../../src/routing/embedded/client.ts';
import { RouterHome } from '../routing/router-process.ts';
import { exchangeScripts } from './arbitraries.ts';
import { type Exception, HAPROXY_EXCEPTIONS, ROUTER_EXCEPTIONS } from './exceptions.ts';
import { HaproxyProcess } from './haproxy.ts';
import { type ExchangeScript, kindsOf } from './script.ts';
import { playClient } from './scripted-client.ts';
import { ScriptedService } from './scripted-service.ts';
import { type Difference, differencesOf, type View, viewOf, withoutLetters } from './views.ts';

export interface Campaign {
  exchanges: number;
  seed: number;
  /** How many scripts are played at a time. */
  lanes: number;
  /** Looks for the smallest script that fails, which may take long. */
  shrink?: boolean;
}

/** What was run, and what was seen. */
export interface CampaignResult {
  exchanges: number;
  requests: number;
  kinds: Map<string, number>;
  /** How often each exception applied, by path and name; all of them, so that one that never applies is seen. */
  exceptions: Map<string, number>;
}

const ENVIRONMENT = 'differential';
/** Long, for a machine that is busy. */
const PATIENCE_MS = 30_000;
/** Shorter, since some of HAProxy's exceptions are answers that never come. */
const HAPROXY_PATIENCE_MS = 8_000;

/** Everything that takes part: the service, HAProxy and the router before it. */
export class DifferentialSuite {
  readonly #service: ScriptedService;
  readonly #haproxy: HaproxyProcess;
  readonly #home: RouterHome;
  readonly #router: EmbeddedRouter;
  #runs = 0;

  private constructor(service: ScriptedService, haproxy: HaproxyProcess, home: RouterHome) {
    this.#service = service;
    this.#haproxy = haproxy;
    this.#home = home;
    this.#router = home.client();
  }

  static async start(): Promise<DifferentialSuite> {
    const service = await ScriptedService.start();
    const home = await RouterHome.make();
    const [haproxy] = await Promise.all([HaproxyProcess.start(service.port), home.start()]);
    return new DifferentialSuite(service, haproxy, home);
  }

  async stop(): Promise<void> {
    await this.#router.close();
    await Promise.all([this.#haproxy.stop(), this.#home.dispose(), this.#service.stop()]);
  }

  /** @throws Error with a script that shows a difference, and how to play it again */
  async run({ exchanges, seed, lanes, shrink = false }: Campaign): Promise<CampaignResult> {
    const names = [
      ...ROUTER_EXCEPTIONS.map(({ name }) => `router: ${name}`),
      ...HAPROXY_EXCEPTIONS.map(({ name }) => `HAProxy: ${name}`),
    ];
    const result: CampaignResult = {
      exchanges: 0,
      requests: 0,
      kinds: new Map(),
      exceptions: new Map(names.map((name) => [name, 0])),
    };
    await Promise.all(
      Array.from({ length: lanes }, (_, lane) => {
        const numRuns = Math.floor((exchanges + lane) / lanes);
        return this.#runLane(lane, { numRuns, seed: seed + lane, endOnFailure: !shrink }, result);
      }),
    );
    return result;
  }

  async #runLane(lane: number, parameters: fc.Parameters<[ExchangeScript]>, result: CampaignResult): Promise<void> {
    const service = { name: `lane-${lane}`, environment: ENVIRONMENT };
    const direct = { host: '127.0.0.1', port: this.#service.port };
    const targets = [{ revision: 1, endpoints: [direct], weight: 100 }];
    const { address } = await this.#router.apply({ service, generation: 1, targets });
    const property = fc.asyncProperty(exchangeScripts, async (script) => {
      const [straight, haproxy, router] = await Promise.all([
        this.#play(direct, script, PATIENCE_MS),
        this.#play({ path: this.#haproxy.socketPath }, script, HAPROXY_PATIENCE_MS),
        this.#play(address, script, PATIENCE_MS),
      ]);
      if (straight.get('client hung') === 'true')
        throw new Error('the script hangs even directly: the suite is at fault');
      const lowerCase = differencesOf(withoutLetters(straight), withoutLetters(haproxy));
      refuseUnknown('HAProxy', lowerCase, script, HAPROXY_EXCEPTIONS, result);
      refuseUnknown('router', differencesOf(straight, router), script, ROUTER_EXCEPTIONS, result);
      await this.#settle(service);
      result.exchanges += 1;
      result.requests += script.exchanges.length;
      for (const kind of kindsOf(script)) result.kinds.set(kind, (result.kinds.get(kind) ?? 0) + 1);
    });
    await fc.assert(property, parameters);
  }

  async #play(to: NetConnectOpts, script: ExchangeScript, patienceMs: number): Promise<View> {
    const run = `r${(this.#runs += 1)}`;
    const service = this.#service.expect(run, script);
    const client = await playClient(to, run, script, patienceMs);
    await service.settle();
    this.#service.forget(run);
    return viewOf(script, client, service);
  }

  /** Nothing is left in flight. A client may have seen the end of its answer before the router has counted it. */
  async #settle(service: { name: string; environment: string }): Promise<void> {
    const deadline = performance.now() + 10_000;
    for (;;) {
      const observed = await this.#router.observe(service);
      const inFlight = observed?.targets.reduce((sum, target) => sum + (target.inFlight ?? 0), 0);
      if (inFlight === 0) return;
      if (performance.now() > deadline) throw new Error(`${inFlight} in flight after the exchange was over`);
    }
  }
}

/** Counts the exceptions that apply, each once a script. @throws Error when none does */
function refuseUnknown(
  path: string,
  differences: readonly Difference[],
  script: ExchangeScript,
  exceptions: readonly Exception[],
  result: CampaignResult,
): void {
  const applied = new Set<string>();
  const unknown = differences.filter((difference) => {
    const exception = exceptions.find(({ covers }) => covers(difference, script));
    if (exception) applied.add(`${path}: ${exception.name}`);
    return exception === undefined;
  });
  for (const name of applied) result.exceptions.set(name, (result.exceptions.get(name) ?? 0) + 1);
  if (unknown.length === 0) return;
  const lines = unknown.map(
    ({ at, direct, through }) => `${at}: direct ${direct ?? '–'}, through ${path} ${through ?? '–'}`,
  );
  throw new Error(`what client and service saw differs:\n  ${lines.join('\n  ')}`);
}
