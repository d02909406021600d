#!/bin/sh
# Starts one of the programs of schedulers, and no other. Deno may be allowed to start this file wherever
# it is; of a program that a machine does not have it would speak at every start.
case $1 in
  sbatch | squeue | sacct | scontrol | parallel) ;;
  *) exit 126 ;;
esac
command -v "$1" >/dev/null || exit 127
exec "$@"
