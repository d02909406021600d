import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import { campaign, type Outcome } from "./campaign.ts";
import { keptOf } from "./kept.ts";
import { type Kind, SUBJECTS } from "./subject.ts";

const LONG = Deno.env.get("VITRINE_LONG_TESTS") === "1";
/** Damaged files of each kind. */
const COUNT = LONG ? 10_000 : 300;

const KINDS: Readonly<Record<Exclude<Kind, "faulty">, string>> = {
  safetensors: "safetensors files, whole models and shards with their index",
  model: "model configs and preprocessor configs",
  config: "YAML configs",
  image: "images",
  parquet: "parquet files",
};

for (const [kind, words] of Object.entries(KINDS) as [Exclude<Kind, "faulty">, string][]) {
  Deno.test(`${words} that are whole are read`, async () => {
    const count = await countWhole(kind);
    const outcomes = await campaign({ kind, which: "whole", first: 0, count });
    equal(outcomes.filter(({ accepted, fault }) => !accepted || fault), []);
    ok(count > 3 && outcomes.length === count);
  });

  Deno.test(`${words} that were once taken badly are refused in one to three lines`, async () => {
    const kept = keptOf(kind);
    const outcomes = await campaign({ kind, which: "kept", first: 0, count: kept.length });
    const wrong = outcomes.filter(({ accepted, fault }) => accepted || fault);
    equal(wrong.map((outcome) => ({ was: kept[outcome.seed].was, ...outcome })), []);
    equal(outcomes.length, kept.length);
  });

  Deno.test(`${COUNT} damaged ${words} are read, or refused in one to three lines`, async () => {
    // Two processes: the machines that run this have two cores at least.
    const half = COUNT / 2;
    const halves = [1, 1 + half].map((first) =>
      campaign({ kind, which: "damaged", first, count: half })
    );
    const outcomes = (await Promise.all(halves)).flat();
    equal(outcomes.filter(({ fault }) => fault), []);
    equal(outcomes.length, COUNT);
    ok(outcomes.some(({ accepted }) => !accepted), "something was damaged");
    if (LONG) console.log(summary(outcomes));
  });
}

/** How many whole files a kind starts from. */
async function countWhole(kind: Kind): Promise<number> {
  const folder = await Deno.makeTempDir();
  try {
    const prepare = await SUBJECTS[kind]();
    return (await prepare(folder)).whole.length;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function summary(outcomes: readonly Outcome[]): string {
  const accepted = outcomes.filter((outcome) => outcome.accepted).length;
  const messages = new Set(outcomes.map(({ message }) => message)).size - (accepted > 0 ? 1 : 0);
  const growth = Math.max(...outcomes.map((outcome) => outcome.growth));
  return `${accepted} read, ${outcomes.length - accepted} refused in ${messages} messages, ` +
    `at most ${Math.round(growth / 2 ** 20)} MiB of memory`;
}

Deno.test("readers that crash, hang, eat memory or mumble are found out", async () => {
  const outcomes = await campaign({
    kind: "faulty",
    which: "damaged",
    first: 0,
    count: 11,
    hang: 2000,
  });
  const expected = [
    /^not a UserError: TypeError/,
    /^junk \(undefined\)/,
    /^does not name the file/,
    /^4 lines/,
    /^uncaught: Error: nobody waits/,
    /^\d+ bytes of memory for 1 bytes/,
    // Memory that is only asked for is seen where the system lets one bound it.
    Deno.build.os === "linux" ? /allocation failed/ : /^$/,
    /^ends the process: SIGABRT/,
    /^hangs/,
    /^$/,
    /^$/,
  ];
  equal(outcomes.map(({ seed }) => seed), expected.map((_, seed) => seed));
  outcomes.forEach(({ fault = "" }, seed) => match(fault, expected[seed]));
  equal(outcomes.slice(-2).map(({ accepted }) => accepted), [false, true]);
});
