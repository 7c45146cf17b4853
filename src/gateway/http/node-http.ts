import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

export type NodeRequest = IncomingMessage | Http2ServerRequest;
/** HTTP/2's response does all that is used of HTTP/1.1's. */
export type NodeResponse = ServerResponse;
