import type { BlueprintProgram } from '../../blueprint.ts';

/** A blueprint's program, whose own error is known whatever the SDK and the engine make of it. */
export class WatchedProgram {
  readonly #program: BlueprintProgram;
  /** What the program threw, if it did. */
  fault: unknown;

  constructor(program: BlueprintProgram) {
    this.#program = program;
  }

  readonly run: BlueprintProgram = async () => {
    try {
      return await this.#program();
    } catch (error) {
      this.fault = error;
      throw error;
    }
  };
}
