/** `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** `1 request`, `2 requests`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
