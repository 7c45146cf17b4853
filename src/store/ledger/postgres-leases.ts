import type { OpenLeases } from '../../stacks/pulumi/lock/ledger.ts';
import { openPool } from '../postgres/pool.ts';
import { SCHEMA } from '../postgres/schema-name.ts';
import { toPostgres } from '../postgres/text.ts';

/** A renewal that takes longer is as good as none: another one is sent. In milliseconds. */
const PATIENCE_MS = 1_500;

const CLAIMED = 'project = $1 and stack = $2 and host = $3 and token = $4 and operation is not null';

/**
 * What the process of an engine does with the ledger, without all else that a store is: its start is what each operation
 * waits for.
 */
export const openLeases: OpenLeases = (place) => {
  const pool = openPool({ url: place, readOnly: false, patienceMs: PATIENCE_MS });
  return {
    async renew({ id, host, token }, leaseMs) {
      const { rowCount } = await pool.query(
        `update ${SCHEMA}.operations set lease_until = extract(epoch from clock_timestamp()) * 1000 + $5::bigint where ${CLAIMED}`,
        [id.project, id.stack, host, token, leaseMs],
      );
      return rowCount === 1;
    },
    async keep({ id, host, token }, folder, kept) {
      await pool.query(`update ${SCHEMA}.operations set kept = $6 where ${CLAIMED} and folder = $5`, [
        ...[id.project, id.stack, host, token, folder],
        toPostgres(JSON.stringify(kept)),
      ]);
    },
    close: () => pool.end(),
  };
};
