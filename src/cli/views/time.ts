/** `38ms`, `2.4s`, `12s`, `3m05s`, `2h10m`, `3d4h`: at most six characters for a hundred days. */
export function elapsed(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.max(0, Math.round(milliseconds))}ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`;
  return `${Math.floor(whole / 86_400)}d${Math.floor((whole % 86_400) / 3600)}h`;
}

export function between(from: string, to: Date | string): string {
  return elapsed(new Date(to).getTime() - new Date(from).getTime());
}

/** `14s ago`. */
export function ago(moment: string, now: Date): string {
  return `${age(moment, now)} ago`;
}

/** Without tenths: how long something has been so. */
export function age(moment: string, now: Date): string {
  const milliseconds = Math.max(0, now.getTime() - new Date(moment).getTime());
  return milliseconds < 10_000 ? `${Math.floor(milliseconds / 1000)}s` : elapsed(milliseconds);
}

/** `in 3s`; `now` once it is past. */
export function until(moment: string, now: Date): string {
  const milliseconds = new Date(moment).getTime() - now.getTime();
  return milliseconds <= 0 ? 'now' : `in ${elapsed(Math.ceil(milliseconds / 1000) * 1000).replace('.0s', 's')}`;
}

/** A time of day today, else the date as well; in the reader's time zone. */
export function clock(moment: string | Date, now: Date): string {
  const at = new Date(moment);
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return at.toDateString() === now.toDateString()
    ? time
    : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `19:01:02 (3m ago)`, `19:05:00 (in 4s)`. */
export function moment(time: string, now: Date): string {
  return `${clock(time, now)} (${Date.parse(time) > now.getTime() ? until(time, now) : ago(time, now)})`;
}
