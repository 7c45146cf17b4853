import { Server, ServerCredentials } from '@grpc/grpc-js';
import * as automation from '@pulumi/pulumi/automation/server.js';
import languageGrpc from '@pulumi/pulumi/proto/language_grpc_pb.js';
import type { BlueprintProgram } from '../../blueprint.ts';

/** The Automation API's own way to run a program inline. Its declaration is left out of the package's types. */
const { LanguageServer } = automation as unknown as {
  LanguageServer: new (program: () => Promise<Record<string, unknown>>) => {
    onPulumiExit(hasError: boolean): void;
  };
};

/** The size of message that every Pulumi SDK accepts. */
const MOST_BYTES = 400 * 1024 * 1024;

export interface ServedProgram {
  port: number;
  /** What the program threw, if it did. */
  fault(): unknown;
  close(): void;
}

/** Serves a program to one engine, which runs it in this process. */
export async function serveProgram(program: BlueprintProgram): Promise<ServedProgram> {
  let fault: unknown;
  const language = new LanguageServer(async () => {
    try {
      return { ...(await program()) };
    } catch (error) {
      fault = error;
      throw error;
    }
  });
  const server = new Server({ 'grpc.max_receive_message_length': MOST_BYTES });
  server.addService(languageGrpc.LanguageRuntimeService, language as never);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return {
    port,
    fault: () => fault,
    close: () => server.forceShutdown(),
  };
}
