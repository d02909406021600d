import { deepStrictEqual as equal, match, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { configReference } from "../../pipeline/reference.ts";
import { configJsonSchema } from "../../pipeline/schema.ts";
import { KINDS } from "./config_stages.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("the editors' schema knows each kind's parameters, inputs and the two reserved keys", () => {
  const { properties, $defs } = configJsonSchema(KINDS);
  equal(Object.keys(properties!), [
    "name",
    "seed",
    "extends",
    "stages",
    "sweep",
    "executor",
    "store",
  ]);
  equal(Object.keys(properties!.stages.properties!), ["field", "mill", "bakery", "saltern"]);
  const mill = $defs!.mill;
  strictEqual(mill.additionalProperties, false);
  equal(Object.keys(mill.properties!), [
    "rounds",
    "fineness",
    "sieve",
    "power",
    "schedule",
    "uses",
    "needs",
  ]);
  equal(mill.properties!.rounds, {
    default: 3,
    description: "Passes through the stones",
    type: "integer",
    minimum: 0,
    maximum: 100,
  });
  equal(Object.keys(mill.properties!.needs.properties!), ["grain"]);
});

Deno.test("the reference has a row for every parameter, also inside of others", () => {
  const text = configReference(KINDS);
  const row = (name: string) => text.split("\n").find((line) => line.startsWith(`| \`${name}`));
  strictEqual(
    row("rounds`"),
    "| `rounds` | whole number ≥ 0 and ≤ 100 | `3` | Passes through the stones |",
  );
  strictEqual(row("fineness`"), "| `fineness` | number > 0, or null | `1` | null: whole meal |");
  strictEqual(row("crop`"), "| `crop` | `wheat`, or map | `wheat` | What is sown |");
  strictEqual(row("power.sails"), "| `power.sails` (wind) | whole number ≥ 2 | `4` |  |");
  // Of maps that no key's value tells apart, the one that names each says which is meant.
  for (const naming of ["path", "url"]) match(text, new RegExp(`store.mode\` \\(${naming}\\) \\|`));
  match(text, /`store\.url` \|/);
  match(text, /- `flour`: the stage of kind `mill`, else `field`\n/);
  match(text, /- `salt`: the stage of kind `saltern`, if there is one\n/);
  match(text, /## saltern\n\nDries salt\.\n\nIt has no parameters\.\n/);
});

Deno.test("the committed schema and reference are what the stages' schemas give", async () => {
  const { generatedFiles } = await import("../../commands/schema.ts");
  for (const { path, text } of generatedFiles()) {
    const committed = await Deno.readTextFile(`${ROOT}/${path}`);
    strictEqual(committed, text, `${path} is not current: run "deno task schema"`);
  }
});

Deno.test("every config of the project is right", async () => {
  const { registry } = await import("../../stages/mod.ts");
  const { readConfigFile } = await import("../../pipeline/config.ts");
  for await (const { name } of Deno.readDir(`${ROOT}/configs`)) {
    // A model of the hub is looked up when the plan is made; the tests need no network.
    if (!name.endsWith(".yaml") || name === "cifar10-vit-base.yaml") continue;
    await readConfigFile({ config: `${ROOT}/configs/${name}`, set: [], registry });
  }
});
