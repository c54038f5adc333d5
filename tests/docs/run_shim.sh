#!/bin/sh
# Stands for ./run while the documentation's commands run: its commands are tested elsewhere; here only that there is such a one.
grep -q "^\./run $1\b" "$(dirname "$(realpath "$0")")/../../run" || { echo "./run has no command $1" >&2; exit 1; }
