import { type DescFile, type DescService, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { Code, type ConnectRouter } from '@connectrpc/connect';
import { file_google_rpc_error_details } from '../../contract/gen/google/rpc/error_details_pb.ts';
import {
  ServerReflection,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../../contract/gen/grpc/reflection/v1/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '../../contract/gen/grpc/reflection/v1alpha/reflection_pb.ts';

/** An answer, but for the parts that repeat the question. The two versions of the protocol agree in it. */
interface Answer {
  messageResponse: Exclude<ServerReflectionResponse['messageResponse'], { case: undefined }> extends infer One
    ? One extends { case: infer Case; value: infer Value }
      ? { case: Case; value: Plain<Value> }
      : never
    : never;
}
type Plain<T> = Omit<T, '$typeName' | '$unknown' | 'service'> & { service?: { name: string }[] };

/** Which files describe what; what grpcurl and its like ask a server for. */
class Descriptors {
  readonly #services: readonly DescService[];
  readonly #files = new Map<string, DescFile>();
  readonly #symbols = new Map<string, DescFile>();

  constructor(services: readonly DescService[], others: readonly DescFile[]) {
    this.#services = services;
    for (const file of [...services.map((service) => service.file), ...others]) this.#addFile(file);
  }

  answer({ messageRequest: asked }: Pick<ServerReflectionRequest, 'messageRequest'>): Answer {
    switch (asked.case) {
      case 'listServices': {
        const service = this.#services.map(({ typeName: name }) => ({ name }));
        return { messageResponse: { case: 'listServicesResponse', value: { service } } };
      }
      case 'fileByFilename':
        return this.#described(this.#files.get(asked.value), asked.value);
      case 'fileContainingSymbol':
        return this.#described(this.#symbols.get(asked.value), asked.value);
      case 'fileContainingExtension':
      case 'allExtensionNumbersOfType':
        return notFound('this API has no extensions');
      case undefined:
        return notFound('nothing was asked for');
    }
  }

  /** With all files it needs, so that one question is enough. */
  #described(file: DescFile | undefined, name: string): Answer {
    if (!file) return notFound(`${name} is not known here`);
    const fileDescriptorProto = [...closure(file)].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
    return { messageResponse: { case: 'fileDescriptorResponse', value: { fileDescriptorProto } } };
  }

  #addFile(file: DescFile): void {
    const path = `${file.name}.proto`;
    if (this.#files.has(path)) return;
    this.#files.set(path, file);
    for (const { typeName, methods } of file.services) {
      this.#symbols.set(typeName, file);
      for (const { name } of methods) this.#symbols.set(`${typeName}.${name}`, file);
    }
    for (const type of [...file.enums, ...file.messages]) this.#addType(type, file);
    file.dependencies.forEach((dependency) => this.#addFile(dependency));
  }

  #addType(type: DescFile['messages'][number] | DescFile['enums'][number], file: DescFile): void {
    this.#symbols.set(type.typeName, file);
    if (type.kind === 'enum') return;
    for (const { name } of [...type.fields, ...type.oneofs]) this.#symbols.set(`${type.typeName}.${name}`, file);
    for (const nested of [...type.nestedEnums, ...type.nestedMessages]) this.#addType(nested, file);
  }
}

function closure(file: DescFile, found = new Set<DescFile>()): Set<DescFile> {
  if (!found.has(file)) {
    found.add(file);
    for (const dependency of file.dependencies) closure(dependency, found);
  }
  return found;
}

function notFound(errorMessage: string): Answer {
  return { messageResponse: { case: 'errorResponse', value: { errorCode: Code.NotFound, errorMessage } } };
}

/** Server reflection, v1 and v1alpha: https://github.com/grpc/grpc/blob/master/doc/server-reflection.md */
export function addReflectionRoutes(router: ConnectRouter, services: readonly DescService[]): void {
  const descriptors = new Descriptors(
    [...services, ServerReflection, ServerReflectionAlpha],
    // No rpc names them, but errors carry them.
    [file_google_rpc_error_details],
  );
  async function* serverReflectionInfo<Request extends Pick<ServerReflectionRequest, 'messageRequest' | 'host'>>(
    requests: AsyncIterable<Request>,
  ) {
    for await (const request of requests) {
      const { messageResponse } = descriptors.answer(request);
      // Left out, the question is not repeated: messages of one version do not fit in the other.
      yield { validHost: request.host, messageResponse };
    }
  }
  router.service(ServerReflection, { serverReflectionInfo: serverReflectionInfo as never });
  router.service(ServerReflectionAlpha, { serverReflectionInfo: serverReflectionInfo as never });
}
