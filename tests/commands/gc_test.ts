import { deepStrictEqual as equal, match, ok, strictEqual, throws } from "node:assert/strict";
import { parseAge, parseSize } from "../../commands/gc/amounts.ts";
import { choose } from "../../commands/gc/choose.ts";
import { DiskUse, formatBytes } from "../../commands/gc/sizes.ts";
import type { Unused } from "../../pipeline/unused.ts";
import { CommandProject, TINY_CONFIG, TINY_STAGES } from "./project.ts";

Deno.test("ages and sizes are a number and a unit", () => {
  equal([parseAge("30d"), parseAge("1.5h"), parseAge("2W")], [
    2_592_000_000,
    5_400_000,
    1_209_600_000,
  ]);
  equal([parseSize("20GB"), parseSize("1.5 MiB"), parseSize("10b")], [20e9, 1_572_864, 10]);
  for (const wrong of ["", "30", "d", "-1d", "3 fortnights"]) {
    throws(() => parseAge(wrong), /it must be a number and min, h, d or w: 30d/);
    throws(() => parseSize(wrong), /it must be a number and B, kB, MB, GB or TB: 20GB/);
  }
  equal([0, 999, 1000, 999_949, 7_488_088, 116e6, 2.5e12].map(formatBytes), [
    ...["0 B", "999 B", "1.0 kB", "1.0 MB", "7.5 MB", "116 MB", "2.5 TB"],
  ]);
});

Deno.test("a file with two names is freed with the last of them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/a`);
    await Deno.mkdir(`${folder}/b`);
    await Deno.writeTextFile(`${folder}/a/large`, "x".repeat(1000));
    await Deno.link(`${folder}/a/large`, `${folder}/b/large`);
    await Deno.writeTextFile(`${folder}/b/small`, "x".repeat(10));
    const use = new DiskUse().add(`${folder}/b`);
    equal([use.all, use.freed], [1010, 10]);
    use.add(`${folder}/a`);
    equal([use.all, use.freed], [1010, 1010]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the oldest goes first, until the store is small enough; checkpoints have a week", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const now = 1_000 * 86_400_000;
    const sized = (name: string, bytes: number, days: number, what: Unused["what"]): Unused => {
      Deno.writeTextFileSync(`${folder}/${name}`, "x".repeat(bytes));
      return { what, path: `${folder}/${name}`, bytes, used: now - days * 86_400_000 };
    };
    Deno.writeTextFileSync(`${folder}/shown`, "x".repeat(500));
    const unused = [
      sized("old", 100, 40, "artifact"),
      sized("checkpoint", 30, 6, "unfinished"),
      sized("young", 50, 2, "artifact"),
      sized("broken", 7, 1, "aside"),
    ];
    const names = (wanted: Parameters<typeof choose>[2]) =>
      choose(folder, unused, wanted, now).unused.map(({ path }) => path.split("/").at(-1));
    equal(names({}), ["broken", "old", "young"]);
    equal(names({ olderThan: 0 }), ["broken", "old", "checkpoint", "young"]);
    equal(names({ keepSize: 600 }), ["broken", "old"]);
    equal(names({ keepSize: 680 }), ["broken"]);
    const { freed, all } = choose(folder, unused, {}, now);
    equal([freed, all], [157, 687]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("parts that workers have made of something stay a week", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const part = (path: string, used: number): Unused => ({
    ...{ what: "artifact", path: `${folder}/${path}`, bytes: 1, used },
    ...{ kind: "features-part", key: path },
  });
  const week = 7 * 86_400_000;
  const unused = [part("older", 0), part("younger", 2)];
  equal(choose(folder, unused, {}, week + 1).unused, [unused[0]]);
  equal(choose(folder, unused, { olderThan: 0 }, week + 1).unused, unused);
});

Deno.test("gc says what no run shows, and removes it only when told to", async () => {
  await using project = await CommandProject.create({ ...TINY_STAGES, "one.yaml": TINY_CONFIG });
  const nothing = await project.command("gc");
  equal([nothing.code, nothing.stdout.includes("no config was run here")], [0, true]);
  equal(project.list("outputs"), []);
  const run = async (...set: string[]) =>
    strictEqual((await project.command("run", "one.yaml", "--quiet", ...set)).code, 0);
  await run();
  await run("--set", "data.size=4");
  equal(project.list("outputs/.store/data").length, 2);
  const asked = await project.command("gc");
  match(asked.stdout, /^ {2}data +1 .* no run shows it$/m);
  match(asked.stdout, /Would free .* Nothing was removed: add --yes for that\./);
  equal(project.list("outputs/.store/data").length, 2);
  strictEqual((await project.command("gc", "--older-than", "1h", "--yes")).code, 0);
  equal(project.list("outputs/.store/data").length, 2);
  const done = await project.command("gc", "--yes");
  strictEqual(done.code, 0, done.stderr);
  match(done.stdout, /Freed .* of /);
  equal(project.list("outputs/.store/data").length, 1);
  // What the run shows is whole.
  equal(project.json("outputs/one/data/data.json"), { size: 4 });
  match((await project.command("gc")).stdout, /^Nothing to free/);
  const both = await project.command("gc", "--yes", "--dry-run");
  strictEqual(both.code, 2);
});

Deno.test("gc beside a run takes nothing that it is using", async () => {
  await using project = await CommandProject.create({
    ...TINY_STAGES,
    "one.yaml": TINY_CONFIG,
  });
  const child = project.spawn("run", "one.yaml", "--set", "train.wait=true");
  let ended = false;
  child.status.then(() => ended = true);
  // By then the data's folder is whole, and the run writes nothing more into it. However long a busy
  // machine takes to get there.
  const events = `${project.path}/outputs/one/events.jsonl`;
  while (!ended) {
    if ((await Deno.readTextFile(events).catch(() => "")).includes("at work")) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  ok(!ended, "the run is to wait in its second stage");
  try {
    // Without its folder nothing but the process itself says that it needs the artifact.
    await Deno.remove(`${project.path}/outputs/one/data`, { recursive: true });
    const { code, stdout } = await project.command("gc", "--older-than", "0min", "--yes", "--json");
    equal([code, JSON.parse(stdout)], [0, []]);
    equal(project.list("outputs/.store/data").length, 1);
  } finally {
    child.kill("SIGINT");
    await child.output();
  }
});
