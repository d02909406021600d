import { join } from "node:path";
import os from "node:os";
import { UserError } from "../base/errors.ts";
import { shellWord } from "../base/shell.ts";
import type { ExecutorOptions } from "../pipeline/elsewhere_schema.ts";
import { realDisk } from "../pipeline/disk.ts";
import type { Submission } from "./plan.ts";
import {
  type Request,
  type Scheduler,
  type TaskState,
  Unanswered,
  type Workplace,
} from "./scheduler.ts";
import { START } from "./start.ts";

type Options = NonNullable<ExecutorOptions["parallel"]>;

/**
 * GNU parallel over ssh. A submission is one `parallel` that goes on without the terminal; what it
 * does lies in `.cluster/parallel/NAME/`:
 *
 * - `driver.sh`, which waits for the wave before and becomes `parallel`, and `worker.sh`, which it
 *   runs on the hosts;
 * - `lock`, held by `parallel` and by those workers that run on its own host, and `driver`: its PID and host;
 * - `joblog` (parallel's own), `TASK.attempts` (a number) and `TASK.exit`, the worker's last word.
 *
 * All hosts see the project under the same path.
 */
export function openScheduler(options: Options): Scheduler {
  return {
    title: "GNU parallel",
    largest: () => Promise.resolve(100_000),
    submit: (place, request) => submit(options, place, request),
    states: (place, submissions) =>
      Promise.resolve(submissions.map((each) => statesOf(place, each))),
    jobOf: ({ job }, task) => `${job} ${task}`,
    logOf: (place, _, task) => join(place.logs, `${task}.log`),
    // The group: parallel, and the workers of its own host, which keep what they have done.
    cancel: ({ job }) => `kill -- -${job}`,
  };
}

/** What starts is waited for so long. */
const PATIENCE = 20_000;

async function submit(options: Options, place: Workplace, request: Request): Promise<string> {
  await checkGnu();
  const folder = folderOf(place, request.name);
  realDisk.makeFolder(folder);
  realDisk.makeFolder(place.logs);
  realDisk.write(join(folder, "worker.sh"), workerScript(options, place, request, folder));
  realDisk.write(join(folder, "driver.sh"), driverScript(options, request, folder));
  // A session of its own: it outlives the terminal. Parallel is the one program that may be run here.
  const start = `setsid --fork sh ${
    shellWord(join(folder, "driver.sh"))
  } </dev/null >/dev/null 2>&1`;
  await runParallel(["--will-cite", "--plain", "-S", ":", start, ":::", ""]);
  for (const until = Date.now() + PATIENCE; Date.now() < until;) {
    const driver = driverOf(place, request.name);
    if (driver !== undefined) return String(driver.pid);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Unanswered("Cannot start GNU parallel: it did not begin", {
    hint: `Look into ${join(folder, "driver.log")}`,
  });
}

/** There is another program of that name, in moreutils. */
async function checkGnu(): Promise<void> {
  const version = await runParallel(["--version"]);
  if (version.startsWith("GNU parallel")) return;
  throw new UserError("Cannot use parallel: it is not GNU's", {
    hint: "Install the package parallel, which takes the place of moreutils' program.",
  });
}

async function runParallel(args: readonly string[]): Promise<string> {
  const { code, stdout } = await new Deno.Command(START, {
    args: ["parallel", ...args],
    stdin: "null",
    stderr: "null",
  }).output();
  if (code === 127) {
    throw new UserError("Cannot find GNU parallel", {
      hint: "Install it on this machine (Debian: apt-get install parallel); hosts need ssh alone.",
    });
  }
  return new TextDecoder().decode(stdout);
}

function driverScript(
  { hosts, jobs, max_restarts, extra }: Options,
  { name, tasks, after }: Request,
  folder: string,
): string {
  const args = [
    ...["--will-cite", "--plain", "--jobs", String(jobs)],
    ...hosts.flatMap((host) => ["--sshlogin", host]),
    ...["--retries", String(max_restarts + 1), "--joblog", "joblog", ...extra],
    `sh ${shellWord(join(folder, "worker.sh"))} {}`,
    ...[":::", ...tasks.map(({ id }) => id)],
  ];
  const before = after.map((job) => `# waits for ${job}\n`).join("");
  return `#!/bin/sh
# Tasks of ${name}. Written when they were submitted.
cd ${shellWord(folder)} || exit 1
exec >driver.log 2>&1
exec 9>lock
flock 9 || exit 1
echo "$$ $(uname -n)" >driver.new && mv driver.new driver
${before}${
    after.length === 0 ? "" : `for other in ../*/driver; do
  read -r pid _ <"$other"
  case " ${after.join(" ")} " in *" $pid "*) flock "\${other%driver}lock" true ;; esac
done
`
  }exec parallel ${args.map(shellWord).join(" ")}
`;
}

function workerScript(
  { setup }: Options,
  { cwd, command, plan, logs }: Workplace,
  { restart }: Request,
  folder: string,
): string {
  return `#!/bin/sh
# One attempt at one task.
task=$1
cd ${shellWord(cwd)} || exit 255
attempts=${shellWord(folder)}/$task.attempts
number=$(cat "$attempts" 2>/dev/null || echo ${restart})
echo $((number + 1)) >"$attempts"
export VITRINE_TASK_RESTART="$number"
{
${setup.map((line) => `${line}\n`).join("")}${command.map(shellWord).join(" ")} ${
    shellWord(plan)
  } "$task"
} >>${shellWord(logs)}/"$task.log" 2>&1
code=$?
# Done, or failed for a reason that stays: not to be tried again. Else parallel does so.
if [ "$code" -le 2 ]; then
  echo "$code" >${shellWord(folder)}/"$task.exit"
  exit 0
fi
exit "$code"
`;
}

function statesOf(place: Workplace, { name, job, tasks }: Submission): Map<string, TaskState> {
  const folder = folderOf(place, name);
  const driver = driverOf(place, name);
  const here = driver?.host === os.hostname();
  // Of a driver on another host only what it has written is known.
  const alive = !here || isHeld(join(folder, "lock"));
  const tried = new Set(
    realDisk.readText(join(folder, "joblog"))?.split("\n").slice(1)
      .flatMap((line) => tasks[Number(line.split("\t")[0]) - 1] ?? []) ?? [],
  );
  return new Map(tasks.map((task): [string, TaskState] => {
    const exit = realDisk.readText(join(folder, `${task}.exit`))?.trim();
    if (exit) return [task, exit === "0" ? "ended" : "failed"];
    if (tried.has(task)) return [task, "failed"];
    if (driver === undefined) return [task, job === null ? "unknown" : "failed"];
    if (!alive) return [task, "failed"];
    if (!here) return [task, "unknown"];
    const begun = realDisk.readText(join(folder, `${task}.attempts`)) !== undefined;
    return [task, begun ? "running" : "waiting"];
  }));
}

const folderOf = (place: Workplace, name: string) => join(place.folder, "parallel", name);

function driverOf(place: Workplace, name: string): { pid: number; host: string } | undefined {
  const [pid, host] = realDisk.readText(join(folderOf(place, name), "driver"))?.trim().split(" ") ??
    [];
  return host === undefined ? undefined : { pid: Number(pid), host };
}

/**
 * Whether anybody holds a lock of the shell's flock, which is one of this host's whatever the store's
 * are. By a shared one, and read only: who asks for states may not write.
 */
export function isHeld(path: string): boolean {
  try {
    using file = Deno.openSync(path, { read: true });
    return !file.tryLockSync(false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
