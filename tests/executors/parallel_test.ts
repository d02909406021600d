import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { exists } from "../../base/exists.ts";
import { isHeld, openScheduler } from "../../executors/parallel.ts";
import type { Submission, Task } from "../../executors/plan.ts";
import type { Request, TaskState, Workplace } from "../../executors/scheduler.ts";
import { executorSchema } from "../../pipeline/elsewhere_schema.ts";
import { startSsh, whyNoSsh } from "./ssh_server.ts";

const missing = exists("/usr/bin/parallel") ? undefined : "there is no GNU parallel";

function test(name: string, why: string | undefined, run: (place: Workplace) => Promise<void>) {
  Deno.test({
    name: why === undefined ? name : `${name} (left out: ${why})`,
    ignore: why !== undefined,
    async fn() {
      const project = await Deno.makeTempDir({ prefix: "it's a $HOME " });
      const folder = join(project, ".cluster");
      const worker = join(project, "worker.sh");
      await Deno.writeTextFile(worker, WORKER);
      try {
        await run({
          ...{ folder, plan: join(folder, "plan.json"), logs: join(folder, "logs") },
          ...{ cwd: project, command: ["sh", worker] },
        });
      } finally {
        await Deno.remove(project, { recursive: true });
      }
    },
  });
}

/** Says what it was given, and ends as the task's name wants it. */
const WORKER = `
echo "plan $1 task $2 restart $VITRINE_TASK_RESTART in $(pwd) by \${SSH_CONNECTION:-nobody}"
echo "$2" >>done.txt
case $2 in
  fails*) exit 1 ;;
  stopped*) [ "$VITRINE_TASK_RESTART" -ge 2 ] || exit 75 ;;
  killed*) kill -9 $$ ;;
  slow*) while [ ! -e go ]; do sleep 0.05; done ;;
esac
`;

const options = (more: object) => executorSchema.parse({ parallel: more }).parallel!;

const task = (id: string): Task => ({
  ...{ id, kind: "points", points: [id], stage: null, slot: null, of: null },
} as Task);

function request(name: string, ids: readonly string[], more: Partial<Request> = {}): Request {
  return { name, tasks: ids.map(task), after: [], restart: 0, ...more };
}

const submitted = (job: string | null, { name, tasks, restart }: Request): Submission => ({
  ...{ id: "0001", name, job, restart, submitted: new Date().toISOString() },
  tasks: tasks.map(({ id }) => id),
});

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !await what(); tries++) {
    if (tries > 6000) throw new Error("it does not come to an end");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const isOver = (states: ReadonlyMap<string, TaskState>) =>
  [...states.values()].every((state) => state === "ended" || state === "failed");

test(
  "tasks run over ssh, are tried again when stopped, and failures stay",
  missing ?? whyNoSsh(),
  async (place) => {
    await using server = await startSsh();
    const scheduler = openScheduler(options({ hosts: [server.login], jobs: 2, max_restarts: 2 }));
    const asked = request("sweep-1", ["good", "fails", "stopped", "killed"]);
    const submission = submitted(await scheduler.submit(place, asked), asked);
    let states: ReadonlyMap<string, TaskState> = new Map();
    await until(async () => {
      [states] = await scheduler.states(place, [submission]);
      return isOver(states);
    });
    deepStrictEqual(Object.fromEntries(states), {
      good: "ended",
      fails: "failed",
      stopped: "ended",
      killed: "failed",
    });
    const log = (id: string) => Deno.readTextFile(scheduler.logOf(place, submission, id));
    match(await log("good"), /task good restart 0 in .*it's a \$HOME .* by 127\.0\.0\.1/);
    strictEqual((await log("stopped")).match(/restart/g)!.length, 3);
    strictEqual((await log("killed")).match(/restart/g)!.length, 3);
    strictEqual(
      (await log("fails")).match(/restart/g)!.length,
      1,
      "a failure of its own is told once",
    );
  },
);

test("a wave waits for the one before, and the terminal for none", missing, async (place) => {
  const scheduler = openScheduler(options({ jobs: 2 }));
  const first = request("wave-1", ["slow", "quick"]);
  const job = await scheduler.submit(place, first);
  const second = request("wave-2", ["later"], { after: [job] });
  const submissions = [
    submitted(job, first),
    submitted(await scheduler.submit(place, second), second),
  ];
  const states = async () =>
    Object.fromEntries((await scheduler.states(place, submissions)).flatMap((each) => [...each]));
  await until(async () => (await states()).quick === "ended");
  deepStrictEqual(await states(), { slow: "running", quick: "ended", later: "waiting" });
  await Deno.writeTextFile(join(place.cwd, "go"), "");
  await until(async () => (await states()).later === "ended");
  deepStrictEqual(await states(), { slow: "ended", quick: "ended", later: "ended" });
  deepStrictEqual(
    (await Deno.readTextFile(join(place.cwd, "done.txt"))).trim().split("\n").at(-1),
    "later",
  );
});

test(
  "what was stopped with its parallel has failed, and of what was never seen nothing is known",
  missing,
  async (place) => {
    const scheduler = openScheduler(options({}));
    const asked = request("stopped", ["slow", "later"]);
    const submission = submitted(await scheduler.submit(place, asked), asked);
    await until(async () => {
      const [states] = await scheduler.states(place, [submission]);
      return states.get("slow") === "running";
    });
    const [program, ...args] = scheduler.cancel(submission).split(" ");
    ok((await new Deno.Command(program, { args }).output()).success);
    await until(async () => {
      const [states] = await scheduler.states(place, [submission]);
      return isOver(states);
    });
    const [states, others] = await scheduler.states(place, [
      submission,
      submitted(null, request("elsewhere", ["good"])),
    ]);
    deepStrictEqual([...states.values()], ["failed", "failed"]);
    deepStrictEqual([...others.values()], ["unknown"]);
  },
);

test("lines of set-up come before the worker, each attempt anew", missing, async (place) => {
  const scheduler = openScheduler(options({ setup: ["GREETING='it is set'", 'echo "$GREETING"'] }));
  const asked = request("setup", ["good"], { restart: 3 });
  const submission = submitted(await scheduler.submit(place, asked), asked);
  await until(async () => isOver((await scheduler.states(place, [submission]))[0]));
  const log = await Deno.readTextFile(scheduler.logOf(place, submission, "good"));
  match(log, /^it is set\nplan .* task good restart 3/);
});

test("another program of that name is told from GNU's", missing, async (place) => {
  const folder = await Deno.makeTempDir({ dir: place.cwd });
  const other = join(folder, "parallel");
  await Deno.writeTextFile(other, "#!/bin/sh\necho parallel from moreutils\n");
  await Deno.chmod(other, 0o755);
  const path = Deno.env.get("PATH")!;
  Deno.env.set("PATH", `${folder}:${path}`);
  try {
    await rejects(
      openScheduler(options({})).submit(place, request("x", ["good"])),
      /Cannot use parallel: it is not GNU's/,
    );
  } finally {
    Deno.env.set("PATH", path);
  }
});

Deno.test({
  name: "whether a lock is held can be asked by who may only read, as status does",
  permissions: { read: true },
  fn() {
    strictEqual(isHeld(import.meta.filename!), false);
    strictEqual(isHeld(`${import.meta.filename}.not-there`), false);
  },
});
