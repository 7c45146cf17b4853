import { parseListen } from '../../host/listen-address.ts';
import { EXIT, exitCodeOfSignal } from '../exit-codes.ts';
import { ApiError } from '../../contract/supplant-client.ts';
import type { Session } from '../session.ts';
import { type StoreOption, storeOption } from '../store-option.ts';
import { line, span } from '../views/text.ts';

export interface ServerOptions extends StoreOption {
  listen: string;
  access?: string;
  tlsCert?: string;
  tlsKey?: string;
}

/** Serves the API until interrupted, for many machines; `dev` has one of its own. */
export async function server(
  session: Session,
  options: ServerOptions,
  exitNow: (code: number) => void,
): Promise<number> {
  const { context, dataDir, terminal } = session;
  const listen = listenOption(options.listen);
  const tls = tlsOption(options);
  const store = storeOption(session, options);
  const controller = new AbortController();
  using _listening = context.onInterrupt((signal) => {
    // It means: read the access file anew.
    if (signal === 'SIGHUP' && options.access !== undefined) return;
    if (controller.signal.aborted) exitNow(exitCodeOfSignal(signal));
    terminal.progress(line(span('Ending once what is under way is answered. Ctrl-C again ends it at once.', 'busy')));
    controller.abort();
  });
  await context.runGateway({
    dataDir,
    ...(store === undefined ? {} : { store }),
    listen,
    ...(options.access === undefined ? {} : { accessFile: options.access }),
    ...(tls ? { tls } : {}),
    signal: controller.signal,
    log: (_level, message) => terminal.progress(line(span(message, 'faint'))),
    onReady: ({ host, port }) =>
      terminal.done('server', { api: `${host}:${port}` }, () => [line(`The API is served on ${host}:${port}.`)]),
  });
  return EXIT.ok.code;
}

/** @throws ApiError INVALID */
export function listenOption(text: string): { host: string; port: number } {
  const listen = parseListen(text);
  if (listen) return listen;
  throw new ApiError('INVALID', `--listen ${text} is not an address`, {
    suggestion: 'use HOST:PORT, such as 127.0.0.1:7700',
  });
}

function tlsOption({ tlsCert, tlsKey }: ServerOptions): { certificate: string; key: string } | undefined {
  if (tlsCert !== undefined && tlsKey !== undefined) return { certificate: tlsCert, key: tlsKey };
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  throw new ApiError('INVALID', 'a certificate and its key only work together', {
    suggestion: 'give --tls-cert and --tls-key',
  });
}
