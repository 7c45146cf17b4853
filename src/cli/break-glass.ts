import { UsageError } from './errors.ts';

/** Passing what others have agreed on goes on record with a reason. */
export function requireGlassReason(reason: string | undefined): void {
  if (reason !== undefined && reason.trim() !== '') return;
  throw new UsageError('--break-glass passes all gates, and goes on record with a reason', {
    suggestion: 'say why: --reason "incident 4711, agreed with ada"',
  });
}
