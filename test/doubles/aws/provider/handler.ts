import { type sendUnaryData, type ServerUnaryCall, status } from '@grpc/grpc-js';

/** A gRPC handler from an async function that also learns whose connection it is. */
export function handler<Request, Response>(handle: (request: Request, peer: string) => Promise<Response> | Response) {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    const answered = async (): Promise<Response> => handle(call.request, call.getPeer());
    answered().then(
      (response) => callback(null, response),
      (error: unknown) =>
        callback({ code: status.UNKNOWN, message: error instanceof Error ? error.message : String(error) }),
    );
  };
}
