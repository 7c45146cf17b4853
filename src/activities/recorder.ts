import type { Catalogue } from '../store/catalogue/catalogue.ts';
import { Journal } from './journal.ts';
import type { Ports } from './ports.ts';

/** What activities write to: the audit log for what was decided, the catalogue for what stands. */
export interface Recording {
  journal: Journal;
  catalogue: Catalogue;
}

/** The record, and the way to write a whole step to it in one transaction. */
export interface Recorder extends Recording {
  /** See {@link AtOnce}: `write` uses what it is handed, and nothing else. */
  atOnce: <T>(write: (recording: Recording) => Promise<T>) => Promise<T>;
}

export function createRecorder({ audit, catalogue, atOnce }: Pick<Ports, 'audit' | 'catalogue' | 'atOnce'>): Recorder {
  return {
    journal: new Journal(audit),
    catalogue,
    atOnce: (write) => atOnce((parts) => write({ journal: new Journal(parts.audit), catalogue: parts.catalogue })),
  };
}
