import type { Endpoint } from '../../domain/service/revision.ts';
import { AS_ROUTER } from '../../domain/traffic/route.ts';
import { InvalidRouteError } from '../router.ts';
import { codeOf } from './faults.ts';
import { LOOPBACK } from './client-place.ts';
import type { PortListener, ServicePlane } from './plane.ts';

/** Why a port cannot be had, in words; whatever else keeps one from listening is no matter of the port. */
const TAKEN = 'is taken';
const PORT_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: TAKEN,
  EACCES: 'may not be listened on by this user',
};

/** What is said by an address that the machine does not have, whatever the port. */
const ADDRESS_FAULTS = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'];

/** A change of ports that is prepared: clients see nothing of it before it is carried out. */
export interface PortMove {
  /** Where clients connect once it is carried out. */
  address: Endpoint;
  /** The port that is asked for, where one is, and the address. */
  wish: PlaceWish;
  /** Why those could not be had. */
  fault: string | undefined;
  /**
   * The new listener is open already, and the one before stops accepting: what is under way there goes on. With
   * `keepOpen` it accepts on, until the next move.
   */
  carryOut(how?: { keepOpen: boolean }): void;
  undo(): void;
}

/** What a service asks for. */
interface PlaceWish {
  port: number | undefined;
  /** {@link AS_ROUTER} where the router says. */
  listen: string;
}

export interface PortWish {
  port: number | undefined;
  /** As before where it is absent. */
  listen?: string | undefined;
  /** That port, and that address, or none. */
  strict?: boolean;
  /** Taken where the wanted one cannot be had; a free one where this cannot either. */
  otherwise?: number;
  /** It could not be had before: who holds it is known. */
  isRetry?: boolean;
}

/** Where one service's clients connect: at the port that is wanted, or at another until that one can be had. */
export class ServicePort {
  wish: PlaceWish = { port: undefined, listen: AS_ROUTER };
  fault: string | undefined;
  #current: PortListener | undefined;
  /** Accept on, since clients know of them. */
  #former: PortListener[] = [];
  readonly #usual: string;
  readonly #make: (listen: string) => PortListener;
  readonly #close: (listener: PortListener, isMoved?: boolean) => void;
  readonly #holderOf: (port: number) => Promise<string | undefined>;

  /**
   * @param plane makes listeners
   * @param close ends one
   * @param holderOf who holds a port that is taken, where that can be known: `node, process 4711`
   */
  constructor(
    plane: Pick<ServicePlane, 'listen' | 'createListener'>,
    close: (listener: PortListener, isMoved?: boolean) => void,
    holderOf: (port: number) => Promise<string | undefined>,
  ) {
    this.#usual = plane.listen;
    this.#make = (listen) => plane.createListener(listen);
    this.#close = close;
    this.#holderOf = holderOf;
  }

  /** The IP address that its clients connect at; undefined before it is open. */
  get listen(): string | undefined {
    return this.#current?.listen;
  }

  /**
   * Opens what is asked for, or where it cannot be had, and nothing is open yet, another one. Where the address is none of this
   * machine's, that one is for this machine alone: nobody is let in who was not meant to be.
   *
   * @throws InvalidRouteError where only what is wanted will do and cannot be had
   */
  async prepare({ port, listen, strict = false, otherwise, isRetry = false }: PortWish): Promise<PortMove> {
    const wish = { port: port ?? this.wish.port, listen: listen ?? this.wish.listen };
    const at = wish.listen === AS_ROUTER ? this.#usual : wish.listen;
    const current = this.#current;
    const first = wish.port ?? current?.address.port;
    const open = this.#open.find((each) => each.listen === at && (first === undefined || each.address.port === first));
    if (open) return this.#move(open, wish);
    let fault: string | undefined;
    if (first !== undefined) {
      const opened = await this.#tryOpen(first, at);
      if (typeof opened === 'object') return this.#move(opened, wish);
      fault = `${opened}${isRetry ? '' : await this.#byWhom(first, opened)}`;
      if (strict) throw new InvalidRouteError(`${fault}, and no other will do`);
    }
    if (current) return this.#move(current, wish, fault);
    const others = [...(otherwise === undefined ? [] : [otherwise]), 0];
    const here = at === LOOPBACK ? [] : [...(first === undefined ? [] : [first]), ...others];
    return this.#openAny(
      [...others.map((each) => [each, at] as const), ...here.map((each) => [each, LOOPBACK] as const)],
      {
        wish,
        fault,
      },
    );
  }

  /** Opens the first that can be had. */
  async #openAny(
    places: readonly (readonly [port: number, listen: string])[],
    { wish, fault }: { wish: PlaceWish; fault: string | undefined },
  ): Promise<PortMove> {
    let why = fault;
    for (const [port, listen] of places) {
      const opened = await this.#tryOpen(port, listen);
      if (typeof opened === 'object') return this.#move(opened, wish, why);
      // That a port of its own choosing is taken is nothing to tell.
      if (port === 0) why ??= opened;
    }
    throw new Error(why ?? 'no port can be had');
  }

  /** All that accept, the current one first. */
  get #open(): PortListener[] {
    return [...(this.#current ? [this.#current] : []), ...this.#former];
  }

  close(): void {
    for (const listener of this.#open) this.#close(listener);
  }

  #move(next: PortListener, wish: PlaceWish, fault?: string): PortMove {
    return {
      address: next.address,
      wish,
      fault,
      carryOut: ({ keepOpen } = { keepOpen: false }) => {
        const before = this.#open.filter((each) => each !== next);
        this.#current = next;
        this.#former = keepOpen ? before : [];
        if (!keepOpen) for (const listener of before) this.#close(listener, true);
        this.wish = wish;
        this.fault = fault;
      },
      undo: () => {
        if (!this.#open.includes(next)) this.#close(next);
      },
    };
  }

  async #byWhom(port: number, fault: string): Promise<string> {
    return fault.endsWith(TAKEN) ? ` by ${(await this.#holderOf(port)) ?? 'another program'}` : '';
  }

  /** The open listener, or why it cannot be had: `port 8080 is taken`. */
  async #tryOpen(port: number, listen: string): Promise<PortListener | string> {
    const listener = this.#make(listen);
    try {
      await listener.open(
        port,
        this.#open.some(({ address }) => address.port === port),
      );
      return listener;
    } catch (error) {
      this.#close(listener);
      const code = codeOf(error);
      if (ADDRESS_FAULTS.includes(code)) return `${listen} is no address of the router's machine`;
      const fault = PORT_FAULTS[code];
      if (fault === undefined) throw error;
      return `port ${port} ${fault}`;
    }
  }
}
