/**
 * Runs the tests area by area and adds them up: `deno task test [AREA…] [--long]`.
 *
 * Each area is a folder of tests/ and a process of its own. Budgets are what an area should take on
 * two cores; one that takes longer is named, not failed: machines differ.
 */

/** Minutes that an area may take. */
const BUDGETS: Readonly<Record<string, number>> = {
  layers: 0.2,
  base: 1,
  data: 0.5,
  hub: 1,
  vit: 1.5,
  engine: 2.5,
  figures: 2,
  pipeline: 3,
  stages: 0.5,
  commands: 4,
  executors: 6,
  bench: 0.5,
  mutations: 1,
  "end-to-end": 11,
};

const folder = import.meta.dirname!;
const asked = Deno.args.filter((argument) => !argument.startsWith("-"));
const long = Deno.args.includes("--long");
const areas = Object.keys(BUDGETS).filter((area) => asked.length === 0 || asked.includes(area));
const unknown = asked.filter((area) => !(area in BUDGETS));
if (unknown.length > 0) {
  console.error(
    `Cannot test ${unknown.join(", ")}: the areas are ${Object.keys(BUDGETS).join(", ")}`,
  );
  Deno.exit(2);
}

/** Areas whose tests mostly wait, for a scheduler: they run while the others do, and are shown at the end. */
const BESIDE = ["executors"];

let [passed, failed, ignored] = [0, 0, 0];
const beside = areas.filter((area) => BESIDE.includes(area) && areas.length > 1).map((area) => {
  const shown: Uint8Array[] = [];
  return { area, shown, done: test(area, (chunk) => Promise.resolve(void shown.push(chunk))) };
});
for (const area of areas) {
  if (beside.some((each) => each.area === area)) continue;
  console.log(`\n== ${area}`);
  count(area, await test(area, show));
}
for (const { area, shown, done } of beside) {
  const result = await done;
  console.log(`\n== ${area}`);
  for (const chunk of shown) await show(chunk);
  count(area, result);
}
console.log(`\n${passed} passed, ${failed} failed${ignored > 0 ? `, ${ignored} skipped` : ""}`);
Deno.exit(failed > 0 || passed === 0 ? 1 : 0);

interface AreaResult {
  readonly success: boolean;
  /** The line that deno ends with: "ok | 12 passed (3 steps) | 1 failed | 2 ignored (4s)". */
  readonly summary: string;
  readonly minutes: number;
}

/** Adds an area's tests up, and says how long it took. */
function count(area: string, { success, summary, minutes }: AreaResult): void {
  const said = (word: string) => Number(summary.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  passed += said("passed");
  ignored += said("ignored");
  // A file that does not even load counts as one failure.
  failed += success ? 0 : Math.max(1, said("failed"));
  const over = minutes > BUDGETS[area] ? `, over its budget of ${BUDGETS[area]}` : "";
  console.log(`== ${area}: ${minutes.toFixed(1)} min${over}`);
}

async function show(chunk: Uint8Array): Promise<void> {
  await Deno.stdout.write(chunk);
}

/** Runs one area. @param take Gets its output as it comes. */
async function test(
  area: string,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<AreaResult> {
  const started = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--no-check", "--quiet", `${folder}/${area}/`],
    // Commands would answer with `npx` where the tests were started by it.
    env: { NO_COLOR: "1", npm_command: "", ...(long ? { VITRINE_LONG_TESTS: "1" } : {}) },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let last = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    await take(chunk);
    last = (last + decoder.decode(chunk, { stream: true })).slice(-4000);
  }
  const summary = last.split("\n").findLast((line) => /\d+ passed/.test(line)) ?? "";
  const { success } = await child.status;
  return { success, summary, minutes: (performance.now() - started) / 60_000 };
}
