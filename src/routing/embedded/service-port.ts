import type { Endpoint } from '../../domain/service/revision.ts';
import { InvalidRouteError } from '../router.ts';
import { codeOf } from './faults.ts';
import type { PortListener } from './plane.ts';

/** Why a port cannot be had, in words; whatever else keeps one from listening is no matter of the port. */
const FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken',
  EACCES: 'may not be listened on by this user',
  EADDRNOTAVAIL: 'is not available here',
};

/** A change of ports that is prepared: clients see nothing of it before it is carried out. */
export interface PortMove {
  /** Where clients connect once it is carried out. */
  address: Endpoint;
  /** The port that is asked for, where one is. */
  wanted: number | undefined;
  /** Why that one could not be had. */
  fault: string | undefined;
  /**
   * The new listener is open already, and the one before stops accepting: what is under way there goes on. With
   * `keepOpen` it accepts on, until the next move.
   */
  carryOut(how?: { keepOpen: boolean }): void;
  undo(): void;
}

export interface PortWish {
  port: number | undefined;
  /** That port or none. */
  strict?: boolean;
  /** Taken where the wanted one cannot be had; a free one where this cannot either. */
  otherwise?: number;
  /** It could not be had before: who holds it is known. */
  isRetry?: boolean;
}

/** Where one service's clients connect: at the port that is wanted, or at another until that one can be had. */
export class ServicePort {
  wanted: number | undefined;
  fault: string | undefined;
  #current: PortListener | undefined;
  /** Accept on, since clients know of them. */
  #former: PortListener[] = [];
  readonly #make: () => PortListener;
  readonly #close: (listener: PortListener) => void;
  readonly #holderOf: (port: number) => Promise<string | undefined>;

  /** @param holderOf who holds a port that is taken, where that can be known: `node, process 4711` */
  constructor(
    make: () => PortListener,
    close: (listener: PortListener) => void,
    holderOf: (port: number) => Promise<string | undefined>,
  ) {
    this.#make = make;
    this.#close = close;
    this.#holderOf = holderOf;
  }

  /**
   * Opens what is asked for, or where it cannot be had, and nothing is open yet, another one.
   *
   * @throws InvalidRouteError where only the wanted port will do and cannot be had
   */
  async prepare({ port, strict = false, otherwise, isRetry = false }: PortWish): Promise<PortMove> {
    const wanted = port ?? this.wanted;
    const current = this.#current;
    if (current && (wanted === undefined || wanted === current.address.port)) return this.#move(current, wanted);
    const former = this.#former.find(({ address }) => address.port === wanted);
    if (former) return this.#move(former, wanted);
    let fault: string | undefined;
    if (wanted !== undefined) {
      const opened = await this.#tryOpen(wanted);
      if (typeof opened === 'object') return this.#move(opened, wanted);
      fault = `port ${wanted} ${opened}${isRetry ? '' : await this.#byWhom(wanted, opened)}`;
      if (strict) throw new InvalidRouteError(`${fault}, and no other will do`);
    }
    if (current) return this.#move(current, wanted, fault);
    const kept = otherwise === undefined ? undefined : await this.#tryOpen(otherwise);
    return this.#move(typeof kept === 'object' ? kept : await this.#open(0), wanted, fault);
  }

  close(): void {
    for (const listener of [...this.#former, ...(this.#current ? [this.#current] : [])]) this.#close(listener);
  }

  #move(next: PortListener, wanted: number | undefined, fault?: string): PortMove {
    return {
      address: next.address,
      wanted,
      fault,
      carryOut: ({ keepOpen } = { keepOpen: false }) => {
        const before = [...this.#former, ...(this.#current ? [this.#current] : [])].filter((each) => each !== next);
        this.#current = next;
        this.#former = keepOpen ? before : [];
        if (!keepOpen) for (const listener of before) this.#close(listener);
        this.wanted = wanted;
        this.fault = fault;
      },
      undo: () => {
        if (next !== this.#current && !this.#former.includes(next)) this.#close(next);
      },
    };
  }

  async #byWhom(port: number, fault: string): Promise<string> {
    return fault === FAULTS.EADDRINUSE ? ` by ${(await this.#holderOf(port)) ?? 'another program'}` : '';
  }

  /** The open listener, or why the port cannot be had. */
  async #tryOpen(port: number): Promise<PortListener | string> {
    try {
      return await this.#open(port);
    } catch (error) {
      const fault = FAULTS[codeOf(error)];
      if (fault === undefined) throw error;
      return fault;
    }
  }

  async #open(port: number): Promise<PortListener> {
    const listener = this.#make();
    try {
      await listener.open(port);
      return listener;
    } catch (error) {
      this.#close(listener);
      throw error;
    }
  }
}
