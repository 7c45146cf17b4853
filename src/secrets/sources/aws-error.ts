/** The service's own word for it, and which right the worker's role needs. */
export function explainAwsError(action: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const isDenied = /AccessDenied|UnrecognizedClient|NotAuthorized/.test(error.name);
  const right = isDenied ? `; the worker's role needs ${action}` : '';
  return new Error(`${error.name}: ${error.message}${right}`, { cause: error });
}
