import { InvalidRouteError, StaleGenerationError } from '../router.ts';

/** A refusal of the admin plane: its status, and a name that {@link fromAdminAnswer} turns back into the port's error. */
export class AdminError extends Error {
  readonly status: number;

  constructor(status: number, name: string, message: string) {
    super(message);
    this.status = status;
    this.name = name;
  }
}

export function createNotFound(what: string): AdminError {
  return new AdminError(404, 'NotFound', `there is no ${what}`);
}

/** What the server says of anything thrown. */
export function toAdminError(error: unknown): AdminError {
  if (error instanceof AdminError) return error;
  if (error instanceof StaleGenerationError) return new AdminError(409, error.name, error.message);
  if (error instanceof InvalidRouteError) return new AdminError(422, error.name, error.message);
  return new AdminError(500, 'RouterFailure', error instanceof Error ? error.message : String(error));
}

/** What the client throws for an answer that is a refusal. */
export function fromAdminAnswer(status: number, body: string): Error {
  const { name, message } = refusalIn(body);
  if (name === 'StaleGenerationError') return new StaleGenerationError(message);
  if (name === 'InvalidRouteError') return new InvalidRouteError(message);
  return new AdminError(status, name, message);
}

function refusalIn(body: string): { name: string; message: string } {
  try {
    const { error } = JSON.parse(body) as { error: { name: string; message: string } };
    return error;
  } catch {
    return { name: 'RouterFailure', message: `the router's answer cannot be read: ${body.slice(0, 200)}` };
  }
}
