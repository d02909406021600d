import { deepStrictEqual as equal, match, ok, strictEqual, throws } from "node:assert/strict";
import { parseCommandLine } from "../../commands/cli.ts";
import { command as RUN } from "../../commands/run.ts";
import { storeForWorkers, storeOfWorker } from "../../commands/store_option.ts";
import { ACCOUNT, account, withS3 } from "../pipeline/remote/s3_server.ts";
import { CommandProject, TINY_CONFIG, TINY_STAGES } from "./project.ts";

/** Statuses of the run `one`, by stage. */
function statuses(project: CommandProject): Record<string, string> {
  const { stages } = project.json("outputs/one/run.json");
  return Object.fromEntries(
    stages.map(({ name, status }: { name: string; status: string }) => [name, status]),
  );
}

withS3(
  "what one project has put into a bucket another gets, by options and environment alone",
  async (server) => {
    using _account = account({ ...ACCOUNT, AWS_ENDPOINT_URL: server.endpoint });
    const files = { ...TINY_STAGES, "one.yaml": TINY_CONFIG };
    const run = ["run", "one.yaml", "--store", "s3://store/team"] as const;
    await using first = await CommandProject.create(files);
    const made = await first.command(...run, "--store-mode", "read-write");
    strictEqual(made.code, 0, made.stderr);
    equal(statuses(first), { data: "ran", train: "ran" });
    equal(server.names().filter((name) => name.startsWith("team/ac/")).length, 2);
    await using second = await CommandProject.create(files);
    const asked = await second.command(...run, "--dry-run");
    match(asked.stdout, /train +restored +would be fetched from the shared store/);
    equal(second.list("outputs"), []);
    const fetched = await second.command(...run);
    strictEqual(fetched.code, 0, fetched.stderr);
    equal(statuses(second), { data: "restored", train: "restored" });
    const history = "outputs/one/train/history.json";
    equal(second.read(history), first.read(history));
  },
);

Deno.test("a plan for workers has no user and password; their config or VITRINE_STORE has them", () => {
  const url = "https://me:hidden@host/store";
  const store = { url, mode: "read" as const };
  const line = (...args: string[]) => parseCommandLine(["a.yaml", ...args], RUN);
  const told = storeForWorkers(store, line());
  equal(told, { url: "https://host/store", mode: "read" });
  equal(storeOfWorker(told, { url, mode: "read-write" }), store);
  equal(storeOfWorker(told, undefined), told);
  equal(storeOfWorker(told, { url: "https://me:hidden@other/store", mode: "read" }), told);
  using _environment = account({ VITRINE_STORE: url });
  equal(storeOfWorker(told, undefined), store);
  throws(() => storeForWorkers(store, line("--store", url)), (error: Error) => {
    ok(!error.message.includes("hidden"));
    return /^Cannot hand the user and password in --store to workers/.test(error.message);
  });
  const folder = { path: "/mnt/store", mode: "read" as const };
  equal(storeOfWorker(storeForWorkers(folder, line()), undefined), folder);
  equal(storeOfWorker(storeForWorkers(undefined, line()), store), undefined);
});
