import { isLoopback } from '../../host/loopback.ts';

/** Whether keys fetched from there are the ones that were published there: by https, or from this machine. */
export function isTrustworthyUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}
