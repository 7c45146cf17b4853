import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { type Session, withClient } from '../session.ts';
import { effectLines } from '../views/effect.ts';
import { renderHosts } from '../views/hosts.ts';
import { type AskOptions, requestOf } from './experiment/ask.ts';

/** Which hosts there are, and what runs there. */
export async function listHosts(session: Session): Promise<number> {
  return withClient(session, async (client) => {
    const hosts = await client.hosts.list();
    session.terminal.result('hosts', { hosts }, (frame) => renderHosts(hosts, frame));
    return EXIT.ok.code;
  });
}

/** Says that a host does not come back. */
export async function forgetHost(
  session: Session,
  host: string,
  options: AskOptions & { reason: string },
): Promise<number> {
  if (options.reason.trim() === '') {
    throw new UsageError('--reason: nothing is no reason', { suggestion: 'say why the host does not come back' });
  }
  return withClient(session, async (client) => {
    const told = await client.hosts.forget(host, requestOf(session, options));
    const effect = options.dryRun ? `${told} (nothing was done: this is a dry run)` : told;
    session.terminal.done('hostForgotten', { host, effect }, ({ width }) => effectLines(host, effect, width));
    return EXIT.ok.code;
  });
}
