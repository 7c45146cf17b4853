import { type sendUnaryData, type ServerUnaryCall, status } from '@grpc/grpc-js';
import structPb from 'google-protobuf/google/protobuf/struct_pb.js';
import type { JsonObject } from '../../src/domain/json.ts';
import type { StackId } from '../../src/stacks/blueprint.ts';

/** A gRPC handler from an async function: its result is the answer, what it throws the error shown to people. */
export function unary<Request, Response>(handle: (request: Request) => Promise<Response> | Response) {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    Promise.resolve(call.request)
      .then(handle)
      .then(
        (response) => callback(null, response),
        (error: unknown) => {
          callback({ code: status.UNKNOWN, message: error instanceof Error ? error.message : String(error) });
        },
      );
  };
}

export function toStruct(value: object): structPb.Struct {
  return structPb.Struct.fromJavaScript(value as Parameters<typeof structPb.Struct.fromJavaScript>[0]);
}

export function fromStruct(struct: structPb.Struct | undefined): JsonObject {
  return struct?.toJavaScript() ?? {};
}

/** `urn:pulumi:web-production-r1::production::local-process:index:Process::p1` */
export function parseUrn(urn: string): { id: StackId; type: string; name: string } {
  const [head = '', project = '', type = '', name = ''] = urn.split('::');
  return { id: { project, stack: head.slice('urn:pulumi:'.length) }, type, name };
}
