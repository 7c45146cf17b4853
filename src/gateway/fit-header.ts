/*
 * Errors of gRPC travel in a header, the message once by itself and once more among the details. Node ends a connection over a
 * header block of more than 64 KiB (`maxSendHeaderBlockLength`), and many clients take less. All bytes are of UTF-8; a
 * message takes up to three times as many as a header of its own, and details four thirds.
 */

const LONGEST_MESSAGE = 4_000;
const LONGEST_PATH = 300;
const LONGEST_FAULT = 600;
/** Of all faults together. */
const LONGEST_FAULTS = 20_000;

/** A message that a header can carry. */
export function fitMessage(text: string): string {
  return clip(text, LONGEST_MESSAGE);
}

/** Faults that a header can carry, each of them cut where it is long; of many the last says how many more there are. */
export function fitFaults(faults: readonly FaultText[]): FaultText[] {
  const fitted: FaultText[] = [];
  let bytes = 0;
  for (const { path, message } of faults) {
    const fault = { path: clip(path, LONGEST_PATH), message: clip(message, LONGEST_FAULT) };
    bytes += Buffer.byteLength(fault.path) + Buffer.byteLength(fault.message);
    if (bytes > LONGEST_FAULTS) {
      const left = faults.length - fitted.length;
      return [...fitted, { path: fault.path, message: `there are ${left} more faults; mend those before first` }];
    }
    fitted.push(fault);
  }
  return fitted;
}

interface FaultText {
  path: string;
  message: string;
}

/** What a caller sent may be quoted and cut in the middle of a character, which no header can carry. */
function clip(text: string, most: number): string {
  const whole = text.toWellFormed();
  if (Buffer.byteLength(whole) <= most) return whole;
  const cut = Buffer.from(whole)
    .subarray(0, most - 3)
    .toString();
  return `${cut.replace(/\ufffd+$/, '')}…`;
}
