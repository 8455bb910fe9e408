#!/usr/bin/env bash
# Compiles a precompiled header and writes PCH.sum beside it: the sum of all that it includes. ccache takes that for the
# header itself, whose bytes hold the path of the folder, and so finds what another folder compiled.
set -euo pipefail
"$@"
while [ $# -gt 0 ]; do
  case $1 in
    -MF) dependencies=$2 ;;
    -o) output=$2 ;;
  esac
  shift
done
[[ $output == *.pch ]] || exit 0
rm -f "$output.sum"
# A path with a blank in it is not understood: then other folders find nothing, and that is all.
if tr -s ' \\\n' '\n' <"$dependencies" | grep -v -e ':$' -e cmake_pch | xargs cat | sha256sum >"$output.sum.new"; then
  mv "$output.sum.new" "$output.sum"
fi
