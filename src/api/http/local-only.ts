import { isIP } from 'node:net';
import type { NodeRequest, NodeResponse } from '../adapter.ts';

/**
 * Refuses requests that were sent to another name than that of this machine. Where nobody has to prove who they are, a web
 * page could else have its own name point here, and a browser would take it for the page's own server.
 */
export function localOnly(
  handler: (request: NodeRequest, response: NodeResponse) => void,
): (request: NodeRequest, response: NodeResponse) => void {
  return (request, response) => {
    const { ':authority': authority = request.headers.host } = request.headers as Record<string, string | undefined>;
    if (authority === undefined || isLocalName(authority)) handler(request, response);
    else {
      request.resume();
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code: 'permission_denied', message: 'use localhost or an address, not a name' }));
    }
  };
}

/** `localhost` or an address, with or without a port. */
export function isLocalName(authority: string): boolean {
  const host = authority.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return host === 'localhost' || host.endsWith('.localhost') || isIP(host) !== 0;
}
