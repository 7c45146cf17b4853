/** A place where secrets are kept. What it throws is fit to show, and holds nothing of a secret. */
export interface SecretSource {
  /**
   * What keeps a secret from being read, as far as that can be seen at no cost: it is told before anything is deployed.
   * @param name as the reference has it
   */
  check?(name: string): Promise<string | undefined>;
  /** The whole of what is kept under the name. */
  read(name: string, signal: AbortSignal): Promise<string>;
}
