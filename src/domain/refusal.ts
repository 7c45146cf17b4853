/** Why a request is not carried out. */
export interface Refusal {
  type: 'Invalid' | 'NotFound' | 'Refused' | 'Conflict';
  message: string;
  suggestion?: string;
}

export function createRefusal(type: Refusal['type'], message: string, suggestion?: string): { refusal: Refusal } {
  return { refusal: { type, message, ...(suggestion === undefined ? {} : { suggestion }) } };
}
