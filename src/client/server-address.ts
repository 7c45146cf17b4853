export const SERVER_WANTED = 'HOST:PORT or https://HOST:PORT, such as supplant.example.com:7700';

const SERVER = /^(?:(https?):\/\/)?((?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?)\/?$/i;
const WITH_PORT = /:\d+$/;

/** Where a gateway is, and whether it is to be spoken to over TLS whatever else is said. */
export interface ServerAddress {
  /** `supplant.example.com:7700` */
  address: string;
  secure: boolean;
  /** What is wrong with the text, to follow its name. */
  fault?: string;
}

/** Reads `HOST:PORT`, `http://HOST:PORT` (in the clear, as the first) or `https://HOST[:PORT]`. */
export function readServer(text: string): ServerAddress {
  const [, scheme, address = ''] = SERVER.exec(text.trim()) ?? [];
  const secure = scheme?.toLowerCase() === 'https';
  if (address !== '' && (secure || WITH_PORT.test(address))) return { address, secure };
  return { address, secure, fault: `must be ${SERVER_WANTED}` };
}
