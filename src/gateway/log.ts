/** Where the gateway says what a caller is not told. */
export interface Log {
  info(message: string): void;
  error(message: string, error: unknown): void;
}
