/** Bodies of shell scripts that stand in for executables whose only part here is to be found and to tell a version. */
export const temporalOf = (version: string) => `echo "temporal version ${version} (Server 1.29.1, UI 2.42.1)"`;
export const pulumiOf = (version: string) => `echo "v${version}"`;

/** Writes down each package it is asked to build, and leaves an executable that tells the pinned version. */
export const workingGo = `
if [ "$1" = env ]; then echo go1.26.0; echo local; exit 0; fi
while [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done
echo "$1" >> "$HOME/built"
case $1 in *temporal*) line='temporal version 1.5.1' ;; *) line=v3.230.0 ;; esac
printf '#!/bin/sh\\necho "%s"\\n' "$line" > "$out"
chmod 755 "$out"`;

/** Leaves half an executable and never ends by itself; its pid is in the file `building`. */
export const hangingGo = `
if [ "$1" = env ]; then echo go1.26.0; echo local; exit 0; fi
while [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done
printf 'half of an executab' > "$out"
echo $$ > "$HOME/building.tmp"
cat "$HOME/building.tmp" > "$HOME/building"
exec sleep 600`;
