import { shellWord } from "../../base/shell.ts";

/** What a job script is made of. All of it may hold any character. */
export interface ScriptParts {
  readonly name: string;
  /** Ids of tasks; the place is the index in the array. */
  readonly tasks: readonly string[];
  /** Words that start a worker; the task's id follows. */
  readonly command: readonly string[];
  /** Folder that a worker is started in. */
  readonly cwd: string;
  /** PATH of who submits: for what the login shell of a node does not have. */
  readonly path: string;
  readonly setup: readonly string[];
  readonly maxRestarts: number;
  /** VITRINE_TASK_RESTART. */
  readonly restart: number;
}

/**
 * The script that Slurm runs for each task of an array.
 *
 * SIGUSR1 (time is nearly over) is passed on to the worker, as SIGTERM: SIGUSR1 would have Deno open a
 * debugger. The worker checkpoints and ends with 75; then the task is put back into the queue. Slurm's
 * own SIGTERM comes from Slurm to the worker itself: after scancel and
 * preemption the job is ending already, and asking would bring a cancelled one back; with a grace time
 * it still counts as running, and would be over if nobody asked.
 */
export function jobScript(parts: ScriptParts): string {
  return `#!/bin/bash -l
# Tasks of ${
    parts.name.replaceAll(/[^\w.-]/g, "_")
  }. Slurm has a copy of its own; this one is for reading.
tasks=(
${parts.tasks.map((task) => `  ${shellWord(task)}`).join("\n")}
)
task=\${tasks[$SLURM_ARRAY_TASK_ID]}
# The array's first number alone would mean all of its tasks.
job=\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
restarts=\${SLURM_RESTART_COUNT:-0}
max_restarts=${parts.maxRestarts}
say() { echo "== $(date '+%F %T') $task ($job): $*"; }

worker= signalled= stop= term=
on_usr1() {
  signalled=1 stop=1
  say "time is nearly over: stopping at a checkpoint"
  [ -z "$worker" ] || kill -TERM "$worker" 2>/dev/null
}
on_term() {
  signalled=1 term=1
  say "Slurm ends this attempt (SIGTERM)"
}
trap on_usr1 USR1
trap on_term TERM

say "attempt $((restarts + 1)) on $SLURMD_NODENAME"
export PATH="$PATH":${shellWord(parts.path)}
${parts.setup.map((line) => `${line}\n`).join("")}set +eu
cd ${shellWord(parts.cwd)} || { say "cannot enter the project's folder on this node"; exit 1; }
export VITRINE_TASK_RESTART=${parts.restart}

${parts.command.map(shellWord).join(" ")} "$task" &
worker=$!
[ -z "$stop" ] || kill -TERM "$worker" 2>/dev/null

# A trap ends \`wait\` early, and perhaps just after the worker has ended: then 127 is no answer.
code=
while :; do
  signalled=
  wait "$worker"
  status=$?
  if [ "$status" -ne 127 ] || [ -z "$code" ]; then code=$status; fi
  [ -n "$signalled" ] || break
done
# Before a worker listens, the signal itself ends it: 128 + 15.
if [ -n "$stop" ] && [ "$code" -eq 143 ]; then code=75; fi

if [ "$code" -ne 75 ]; then
  [ "$code" -eq 0 ] || say "failed with status $code"
  exit "$code"
fi
if [ -n "$term" ] && [ "$(squeue --noheader --jobs="$job" --format=%T)" != RUNNING ]; then
  exit 75
fi
if [ "$restarts" -ge "$max_restarts" ]; then
  say "failed: not done after $restarts restarts, and max_restarts is $max_restarts"
  exit 75
fi
say "stopped at a checkpoint; asking Slurm to queue it again"
if scontrol requeue "$job"; then exit 0; fi
say "Slurm did not queue it again"
exit 75
`;
}
