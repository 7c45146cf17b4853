import type { AuditStore } from './audit/store.ts';
import type { Catalogue } from './catalogue/catalogue.ts';

/** What one transaction writes to. */
export interface StoreParts {
  audit: Pick<AuditStore, 'append' | 'list'>;
  catalogue: Catalogue;
}

/**
 * Carries out `write` in one transaction: all of it is recorded, or nothing, and synced to disk once, where each write
 * by itself is synced. Nobody else writes meanwhile, so `write` uses what it is handed, and waits for nothing else:
 * whoever asks the store itself in there waits for ever. As all that is written here it may be carried out again.
 */
export type AtOnce = <T>(write: (parts: StoreParts) => Promise<T>) => Promise<T>;
