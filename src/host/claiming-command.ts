import { claimPath } from './claims.ts';

/** `ln` is what makes the claim appear at once and whole, and fail when there is one already. */
const SCRIPT = `
claim=$1; shift
if [ -r /proc/self/stat ]; then
  read -r boot < /proc/sys/kernel/random/boot_id; read -r start < /proc/self/stat
else
  boot=ps; start=$(LC_ALL=C ps -o lstart= -p $$)
fi
(umask 077; printf '%s\\n%s\\n%s\\n' "$$" "$boot" "$start" > "$claim.$$") || exit 125
ln "$claim.$$" "$claim" 2> /dev/null; lost=$?
rm -f "$claim.$$"
[ $lost -eq 0 ] || exit 125
exec "$@"
`;

/**
 * A command that claims a record's start `number` in its own name, then becomes `command`: the pid and start time it
 * writes are the program's. Where the start is taken or ruled out it ends with exit code 125 and runs nothing.
 */
export function claimingCommand(record: string, number: number, command: readonly string[]): [string, ...string[]] {
  return ['/bin/sh', '-c', SCRIPT, 'supplant', claimPath(record, number), ...command];
}
