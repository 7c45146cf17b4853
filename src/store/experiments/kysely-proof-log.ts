import type { Kysely } from 'kysely';
import type { RollbackPair, RollbackProof } from '../../domain/rollback/proof.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { ProofLog } from './stores.ts';
import type { ExperimentTables, ProofRow } from './tables.ts';

const LIST_LIMIT = 100;

/** The proofs over any database Kysely speaks to. */
export class KyselyProofLog implements ProofLog {
  readonly #db: Kysely<ExperimentTables>;

  constructor(db: Kysely<ExperimentTables>) {
    this.#db = db;
  }

  async save(proof: RollbackProof): Promise<void> {
    const row = rowOf(proof);
    const { at, content } = row;
    await this.#db
      .insertInto('rollback_proofs')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['service', 'environment', 'from_release', 'to_release'])
          .doUpdateSet({ at, content })
          .where('rollback_proofs.at', '<=', at),
      )
      .execute();
  }

  async find(pair: RollbackPair): Promise<RollbackProof | undefined> {
    const row = await this.#db
      .selectFrom('rollback_proofs')
      .selectAll()
      .where((is) => is.and(toPairColumns(pair)))
      .executeTakeFirst();
    return row && proofOf(row);
  }

  async list(
    service: ServiceKey,
    { from, limit = LIST_LIMIT }: { from?: string; limit?: number } = {},
  ): Promise<RollbackProof[]> {
    const { name, environment } = service;
    const all = this.#db
      .selectFrom('rollback_proofs')
      .selectAll()
      .where((is) => is.and({ service: name, environment }))
      .orderBy('at', 'desc')
      .orderBy('from_release')
      .orderBy('to_release');
    const ofRelease = from === undefined ? all : all.where('from_release', '=', from);
    return (await ofRelease.limit(limit).execute()).map(proofOf);
  }
}

function toPairColumns({ service, from, to }: RollbackPair) {
  return { service: service.name, environment: service.environment, from_release: from, to_release: to };
}

function rowOf(proof: RollbackProof): ProofRow {
  const { service, from, to, at, ...content } = proof;
  return { ...toPairColumns({ service, from, to }), at, content: JSON.stringify(content) };
}

function proofOf(row: ProofRow): RollbackProof {
  const { service: name, environment, from_release: from, to_release: to, at } = row;
  const content = JSON.parse(row.content) as Omit<RollbackProof, 'service' | 'from' | 'to' | 'at'>;
  return { service: { name, environment }, from, to, at, ...content };
}
