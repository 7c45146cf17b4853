import type { Command } from 'commander';
import { AuditUnavailableError } from '../store/audit/store.ts';
import { resolveDataFolder } from '../data-folder.ts';
import { resolvePlace, chooseStore } from '../store/place.ts';
import { UsageError } from './errors.ts';
import type { Session } from './session.ts';

export interface StoreOption {
  store?: string;
}

/** For the commands that act on the store itself, or run what does. */
export function stored(command: Command): Command {
  return command.option(
    '--store <store>',
    'a file or postgres://… (else $SUPPLANT_STORE, which keeps a password out of ps; else in the data folder)',
  );
}

/**
 * The store that was asked for; undefined for the one in the data folder.
 *
 * @throws UsageError when it is neither a path nor a URL that Supplant knows
 */
export function storeOption({ context }: Session, { store }: StoreOption): string | undefined {
  const chosen = chooseStore(store, context.env);
  try {
    return chosen === undefined ? undefined : resolvePlace(chosen, context.workingDirectory);
  } catch (error) {
    throw error instanceof AuditUnavailableError ? new UsageError(error.message) : error;
  }
}

export function storeOf(session: Session, option: StoreOption): string {
  return storeOption(session, option) ?? resolveDataFolder(session.dataDir).store;
}
