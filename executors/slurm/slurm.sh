#!/bin/sh
# One of the commands of Slurm that are asked for, and no other program. Deno may be allowed to start this
# file wherever it is; of a command that a machine does not have it would warn at every start.
case $1 in
  sbatch | squeue | sacct | scontrol) ;;
  *) exit 126 ;;
esac
command -v "$1" >/dev/null || exit 127
exec "$@"
