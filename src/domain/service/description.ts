import type { ServiceSpec } from './service.ts';

/** How a service is described, as it was written last. */
export interface ServiceDescription {
  spec: ServiceSpec;
  /** When the service was removed, ISO 8601. */
  removedAt?: string;
  /** Of the write. */
  order: number;
}

/** A description that has taken the place of another one. */
export interface ReplacedDescription {
  /** Absent where there was none. */
  former?: ServiceDescription;
  /** The digest of the one that has taken its place. */
  next: string;
}
