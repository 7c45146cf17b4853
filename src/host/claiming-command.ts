import { claimPath } from './claims.ts';

/** What marks a process and all it starts beside its environment, which a process can change. */
export interface Marks {
  /** A folder of {@link locateCgroup}; it is made, where that is allowed. */
  cgroup?: string | undefined;
  /** A number of {@link computeLimitMark}. */
  limit?: string | undefined;
}

/**
 * `ln` is what makes the claim appear at once and whole, and fail when there is one already. Shells differ in the letter
 * for the limit of file locks: `w` (dash, busybox), `x` (bash). The claim says which marks have taken hold.
 */
const SCRIPT = `
claim=$1; group=$2; limit=$3; mask=$4; parent=$5; shift 5
if [ -n "$limit" ]; then
  if (ulimit -w "$limit") 2> /dev/null; then ulimit -w "$limit"
  elif (ulimit -x "$limit") 2> /dev/null; then ulimit -x "$limit"
  else limit=; fi
fi
if [ -n "$group" ]; then
  mkdir "$group" 2> /dev/null
  { echo $$ > "$group/cgroup.procs"; } 2> /dev/null || group=
fi
if [ -r /proc/self/stat ]; then
  read -r boot < /proc/sys/kernel/random/boot_id; read -r start < /proc/self/stat
else
  boot=ps; start=$(LC_ALL=C ps -o lstart= -p $$)
fi
(umask 077; printf '%s\\n%s\\n%s\\n%s\\n%s\\n' "$$" "$boot" "$start" "$group" "$limit" > "$claim.$$") || exit 125
ln "$claim.$$" "$claim" 2> /dev/null; lost=$?
rm -f "$claim.$$"
[ $lost -eq 0 ] || exit 125
[ -z "$mask" ] || umask "$mask"
if [ -n "$parent" ] && setpriv --pdeathsig KILL true 2> /dev/null; then
  exec setpriv --pdeathsig KILL /bin/sh -c '[ "$PPID" = "$0" ] || exit 125; exec "$@"' "$parent" "$@"
fi
exec "$@"
`;

/**
 * A command that claims a record's start `number` in its own name, then becomes `command`: the pid and start time it
 * writes are the program's. Where the start is taken or ruled out it ends with exit code 125 and runs nothing.
 *
 * `umask` is that of the command, in octal digits; this process's unless told. `endsWith` is this process's pid: with
 * util-linux' `setpriv`, the command is killed when this process dies, however that comes.
 */
export function claimingCommand(
  record: string,
  number: number,
  command: readonly string[],
  {
    cgroup = '',
    limit = '',
    umask = '',
    endsWith,
  }: Marks & { umask?: string | undefined; endsWith?: number | undefined } = {},
): [string, ...string[]] {
  const parent = endsWith === undefined ? '' : String(endsWith);
  return ['/bin/sh', '-c', SCRIPT, 'supplant', claimPath(record, number), cgroup, limit, umask, parent, ...command];
}
