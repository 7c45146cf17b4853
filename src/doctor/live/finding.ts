/** One fact that Supplant relies on, as it was found in a real account. */
export interface LiveFinding {
  /** `bad` keeps something from working as documented; `unsure` may. */
  state: 'good' | 'unsure' | 'bad';
  /** What Supplant was written for. Like the others, words without a full stop. */
  expected: string;
  found: string;
  /** What that means for whoever uses Supplant there. */
  follows: string;
}

/** What was found of one subject. */
export interface LiveExamined {
  name: string;
  findings: LiveFinding[];
}

/** What a look says for either answer. */
interface Judged {
  holds: boolean;
  expected: string;
  found: string;
  /** What follows where it holds. */
  so: string;
  /** What follows where it does not. */
  otherwise: string;
  /** How bad that is; `bad` unless told. */
  worst?: 'unsure' | 'bad';
}

export function judge({ holds, expected, found, so, otherwise, worst = 'bad' }: Judged): LiveFinding {
  return { state: holds ? 'good' : worst, expected, found, follows: holds ? so : otherwise };
}

/** An error as people read it, with the service's own word for it in front. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** How a call ended: in words of AWS where it was refused. */
export type CallOutcome = { error: unknown; words: string } | { error?: never; words: string };

export async function tryCall(call: Promise<unknown>): Promise<CallOutcome> {
  return call.then(
    () => ({ words: 'it was accepted' }),
    (error: unknown) => ({ error, words: wordsOf(error) }),
  );
}
