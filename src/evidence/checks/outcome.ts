/** One look at one endpoint. `carriedOut` is false when the check itself could not be made, which proves nothing. */
export interface Attempt {
  ok: boolean;
  carriedOut: boolean;
  evidence: string;
}

/** Takes out of a text that is quoted what must not stand anywhere. */
export type Redact = (text: string) => string;
