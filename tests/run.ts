/**
 * Runs the tests area by area and adds them up: `deno task test [AREA…] [--long]`.
 *
 * Each area is a folder of tests/ and a process of its own. Budgets are what an area should take on
 * two cores; one that takes longer is named, not failed: machines differ.
 */

/** Minutes that an area may take. */
const BUDGETS: Readonly<Record<string, number>> = {
  layers: 0.2,
  base: 0.5,
  data: 1,
  hub: 1,
  vit: 2,
  engine: 5,
  figures: 2,
  pipeline: 3,
  stages: 1,
  commands: 2,
  executors: 6,
  bench: 1,
  mutations: 1,
  "end-to-end": 8,
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

let [passed, failed, ignored] = [0, 0, 0];
for (const area of areas) {
  console.log(`\n== ${area}`);
  const started = performance.now();
  const { success, output } = await test(area);
  // "ok | 12 passed (3 steps) | 1 failed | 2 ignored (4s)"
  const count = (word: string) => Number(output.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  passed += count("passed");
  ignored += count("ignored");
  // A file that does not even load counts as one failure.
  failed += success ? 0 : Math.max(1, count("failed"));
  const minutes = (performance.now() - started) / 60_000;
  const over = minutes > BUDGETS[area] ? `, over its budget of ${BUDGETS[area]}` : "";
  console.log(`== ${area}: ${minutes.toFixed(1)} min${over}`);
}
console.log(`\n${passed} passed, ${failed} failed${ignored > 0 ? `, ${ignored} skipped` : ""}`);
Deno.exit(failed > 0 || passed === 0 ? 1 : 0);

/** Runs one area, showing its output as it comes. @returns the summary line that deno ends with. */
async function test(area: string): Promise<{ success: boolean; output: string }> {
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
    await Deno.stdout.write(chunk);
    last = (last + decoder.decode(chunk, { stream: true })).slice(-4000);
  }
  const summary = last.split("\n").findLast((line) => /\d+ passed/.test(line)) ?? "";
  return { success: (await child.status).success, output: summary };
}
