import type { Dispatcher } from 'undici';

/** How a request ended. */
export type Ending = { kind: 'answered'; status: number } | { kind: 'unanswered' } | { kind: 'failed'; error: Error };

const GIVEN_UP = new Error('not waited for any longer');

/**
 * Sends a request and reads its answer to the end, without keeping any of it. `onEnd` is called once, whatever happens.
 *
 * @param patienceMs how long it may take, queued for a connection or on it
 */
export function sendRequest(
  to: Dispatcher,
  options: Dispatcher.DispatchOptions,
  patienceMs: number,
  onEnd: (ending: Ending) => void,
): void {
  let controller: Dispatcher.DispatchController | undefined;
  let isOver = false;
  let status = 0;
  const end = (ending: Ending): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    onEnd(ending);
  };
  const giveUp = (): void => {
    if (isOver) return;
    end({ kind: 'unanswered' });
    controller?.abort(GIVEN_UP);
  };
  // After a halt of this process, answers that have come meanwhile are read before it says that there are none.
  const timer = setTimeout(() => setImmediate(giveUp), Math.max(1, patienceMs));
  to.dispatch(options, {
    // Not called before there is a connection: until then nothing can be called off.
    onRequestStart: (given) => {
      controller = given;
      if (isOver) given.abort(GIVEN_UP);
    },
    onResponseStart: (_, code) => {
      status = code;
    },
    // Without it, undici would not let the body flow.
    onResponseData: () => undefined,
    onResponseEnd: () => end({ kind: 'answered', status }),
    onResponseError: (_, error) => end({ kind: 'failed', error }),
  });
}
