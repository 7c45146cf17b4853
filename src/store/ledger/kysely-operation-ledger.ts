import { type Kysely, type RawBuilder, sql } from 'kysely';
import type {
  Claim,
  ClaimAnswer,
  ClaimKey,
  ClaimRequest,
  KeptOutcome,
  LeaseAccess,
  OperationLedger,
  Succession,
} from '../../stacks/pulumi/lock/ledger.ts';
import type { LedgerTables, OperationRow } from './tables.ts';

type StackId = Claim['id'];
type FoundRow = OperationRow & { now: number };

/** Claims of stacks over any database Kysely speaks to. Each change is one statement, which says what it found before. */
export class KyselyOperationLedger implements OperationLedger {
  readonly leases?: LeaseAccess;
  readonly #db: Kysely<LedgerTables>;
  readonly #now: RawBuilder<number>;

  /**
   * @param clockMs the time as the database has it, in milliseconds since 1970
   * @param leases how leases are renewed from elsewhere; left out where the database is a file of this machine
   */
  constructor(db: Kysely<LedgerTables>, clockMs: RawBuilder<number>, leases?: LeaseAccess) {
    this.#db = db;
    this.#now = clockMs;
    if (leases) this.leases = leases;
  }

  async claim(request: ClaimRequest, judge: (present: Claim) => Succession | undefined): Promise<ClaimAnswer> {
    for (;;) {
      const free = await this.#claimFree(request);
      if (free) return { claim: free };
      const row = await this.#find(request.id);
      // Freed since then.
      if (!row) continue;
      const present = claimOf(row);
      const succession = judge(present);
      if (succession === undefined) return { busy: present };
      const claim = await this.#succeed(request, { row, present, succession });
      if (claim) return { claim, left: present };
    }
  }

  /** Undefined while somebody has it. */
  async #claimFree(request: ClaimRequest): Promise<Claim | undefined> {
    const values = { ...this.#valuesOf(request), folder: null, kept: null, abandoned: '[]' };
    const row = await this.#db
      .insertInto('operations')
      .values({ ...request.id, token: this.#now, ...values })
      .onConflict((conflict) =>
        conflict
          .columns(['project', 'stack'])
          .doUpdateSet({ token: this.#nextToken(), ...values })
          .where('operations.operation', 'is', null),
      )
      .returning('token')
      .executeTakeFirst();
    return row && madeClaim(request, { token: row.token, abandoned: [] });
  }

  /** Undefined where the claim that was judged is not there any more as it was. */
  async #succeed(
    request: ClaimRequest,
    { row, present, succession }: { row: FoundRow; present: Claim; succession: Succession },
  ): Promise<Claim | undefined> {
    const isReachable = succession !== 'supersede';
    const abandoned = isReachable ? present.abandoned : [...new Set([...present.abandoned, present.machine])];
    const changed = await this.#db
      .updateTable('operations')
      .set({
        ...this.#valuesOf(request),
        abandoned: JSON.stringify(abandoned),
        ...(succession === 'inherit' ? {} : { token: this.#nextToken() }),
        ...(isReachable ? {} : { folder: null }),
      })
      .where((is) => is.and(ownedBy(present)))
      // Not renewed since it was found to be over.
      .where('lease_until', '=', row.lease_until)
      .returning('token')
      .executeTakeFirst();
    if (!changed) return undefined;
    const folder = isReachable && present.folder !== undefined ? { folder: present.folder } : {};
    return madeClaim(request, { token: changed.token, abandoned, ...folder });
  }

  async renew({ id, host, token }: ClaimKey, leaseMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('operations')
      .set({ lease_until: this.#leaseEnd(leaseMs) })
      .where((is) => is.and({ ...keyOf(id), host, token }))
      .where('operation', 'is not', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async keep({ id, host, token }: ClaimKey, folder: string, kept: KeptOutcome): Promise<void> {
    await this.#db
      .updateTable('operations')
      .set({ kept: JSON.stringify(kept) })
      .where((is) => is.and({ ...keyOf(id), host, token, folder }))
      .where('operation', 'is not', null)
      .execute();
  }

  async noteFolder(claim: Claim, folder: string | undefined): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('operations')
      .set({ folder: folder ?? null, kept: null })
      .where((is) => is.and(ownedBy(claim)))
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async handBack(left: Claim, by: Claim): Promise<void> {
    await this.#db
      .updateTable('operations')
      .set({
        ...{ operation: left.operation, host: left.host, machine: left.machine, started_at: left.startedAt },
        ...{ owner_pid: left.owner.pid, owner_started: left.owner.started },
        folder: left.folder ?? null,
        kept: left.kept === undefined ? null : JSON.stringify(left.kept),
        lease_until: this.#now,
      })
      .where((is) => is.and(ownedBy(by)))
      .execute();
  }

  async release(claim: Claim): Promise<void> {
    await this.#db
      .updateTable('operations')
      .set({ operation: null, folder: null, kept: null, abandoned: '[]' })
      .where((is) => is.and(ownedBy(claim)))
      .execute();
  }

  async list(host?: string): Promise<Claim[]> {
    const claimed = this.#claimed().orderBy('project').orderBy('stack');
    const rows = await (host === undefined ? claimed : claimed.where('host', '=', host)).execute();
    return rows.map(claimOf);
  }

  async #find(id: StackId): Promise<FoundRow | undefined> {
    return this.#claimed()
      .where((is) => is.and(keyOf(id)))
      .executeTakeFirst();
  }

  #claimed() {
    const all = this.#db.selectFrom('operations').selectAll().select(this.#now.as('now'));
    return all.where('operation', 'is not', null);
  }

  #valuesOf({ operation, holder, leaseMs }: ClaimRequest) {
    const { host, machine, owner } = holder;
    return {
      ...{ operation, host, machine, owner_pid: owner.pid, owner_started: owner.started },
      ...{ started_at: new Date().toISOString(), lease_until: this.#leaseEnd(leaseMs) },
    };
  }

  #leaseEnd(leaseMs: number): RawBuilder<number> {
    return sql<number>`${this.#now} + ${sql.lit(leaseMs)}`;
  }

  /** By the clock, so that it also rises where an older backup was restored; and whatever becomes of the clock. */
  #nextToken(): RawBuilder<number> {
    const last = sql.ref('operations.token');
    return sql<number>`case when ${last} >= ${this.#now} then ${last} + 1 else ${this.#now} end`;
  }
}

function keyOf({ project, stack }: StackId): StackId {
  return { project, stack };
}

function ownedBy({ id, host, owner, token }: Claim) {
  return { ...keyOf(id), host, owner_pid: owner.pid, owner_started: owner.started, token };
}

/** What was just claimed, as {@link claimOf} would find it. */
function madeClaim(
  { id, operation, holder }: ClaimRequest,
  more: Pick<Claim, 'token' | 'folder' | 'abandoned'>,
): Claim {
  return { id: keyOf(id), operation, ...holder, startedAt: new Date().toISOString(), isLeaseOver: false, ...more };
}

function claimOf(row: FoundRow): Claim {
  const { project, stack, host, machine, token } = row;
  return {
    ...{ id: { project, stack }, operation: row.operation ?? '', host, machine, token },
    owner: { pid: row.owner_pid, started: row.owner_started },
    startedAt: row.started_at,
    isLeaseOver: row.lease_until <= row.now,
    ...(row.folder === null ? {} : { folder: row.folder }),
    ...(row.kept === null ? {} : { kept: JSON.parse(row.kept) as KeptOutcome }),
    abandoned: JSON.parse(row.abandoned) as string[],
  };
}
