import { UserError } from "../../base/errors.ts";
import type { ExecutorOptions } from "../../pipeline/elsewhere_schema.ts";

export type SlurmOptions = NonNullable<ExecutorOptions["slurm"]>;

/** Seconds before the end of its time that a task is told to stop. */
const SIGNAL_SECONDS = 120;

/** What one `sbatch` is asked for. */
export interface Array {
  readonly name: string;
  readonly tasks: number;
  readonly after: readonly string[];
  /** Folder that it starts in. */
  readonly cwd: string;
  /** Folder of the logs. */
  readonly logs: string;
  /** Path of the job script. */
  readonly script: string;
}

export function sbatchArguments(
  array: Array,
  options: SlurmOptions,
): string[] {
  if (array.logs.includes("\\")) {
    throw new UserError(`Cannot have Slurm write its logs to ${array.logs}`, {
      hint: "Move the project to a folder without a backslash in its path: Slurm drops it",
    });
  }
  const optional = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`--${name}=${value}`];
  return [
    "--parsable",
    `--job-name=${array.name}`,
    `--array=0-${array.tasks - 1}%${options.array_limit}`,
    ...(array.after.length === 0 ? [] : [`--dependency=afterany:${array.after.join(":")}`]),
    "--nodes=1",
    "--ntasks=1",
    `--cpus-per-task=${options.cpus_per_task}`,
    ...optional("partition", options.partition),
    ...optional("account", options.account),
    ...optional("time", options.time),
    ...optional("mem", options.mem),
    // Unlike --gpus-per-task it is known to every way of choosing nodes.
    ...(options.gpus_per_task === 0 ? [] : [`--gres=gpu:${options.gpus_per_task}`]),
    `--signal=B:USR1@${SIGNAL_SECONDS}`,
    "--requeue",
    "--open-mode=append",
    `--chdir=${array.cwd}`,
    `--output=${array.logs.replaceAll("%", "%%")}/%A_%a.log`,
    // All that sbatch has itself: see environmentOf. A list of names would have each node ask the
    // user's login shell for its variables.
    "--export=ALL",
    ...options.extra.flatMap(wordsOf),
    array.script,
  ];
}

/** What sbatch and a worker may need of the environment; the rest stays with who submits. */
const NEEDED =
  /^(HOME|USER|LOGNAME|SHELL|PATH|LANG|LC_ALL|DENO_DIR|DENO_CERT|XDG_CACHE_HOME|SSL_CERT_FILE|SSL_CERT_DIR|NPM_CONFIG_REGISTRY|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY|MODULEPATH|SLURM_CONF|(SBATCH|VITRINE|HF|AWS)_\w+)$/;

/** The environment of a submission, and with it of its tasks. */
export function environmentOf(all: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => NEEDED.test(name) && !name.startsWith("VITRINE_TASK_")),
  );
}

/** `--qos=long`, `-C fast`, `--constraint fast`: what stands in `extra`, as words of a command line. */
function wordsOf(option: string): string[] {
  const separate = /^(--?[\w-]+)\s+(.*)$/.exec(option);
  return separate === null ? [option] : [separate[1], separate[2]];
}
