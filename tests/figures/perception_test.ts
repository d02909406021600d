import { deepEqual, equal, ok } from "node:assert/strict";
import { render } from "../../figures/render.ts";
import { EXAMPLES } from "./examples.ts";
import { decode, difference, NOTICED, type Seen, small, toLab } from "./perception.ts";

for (const example of EXAMPLES) {
  Deno.test(`the picture of ${example.name} is the one that was looked at`, async () => {
    const path = new URL(`./specs/${example.name}.png`, import.meta.url);
    const file = await Deno.readFile(path);
    ok(file.length < 10_000, "a committed picture is below 10 kB");
    const { worst } = difference(await decode(file), await drawn(example));
    ok(worst < NOTICED, `a square differs by ${worst.toFixed(1)}; see write_specs.ts`);
  });
}

async function drawn(figure: Parameters<typeof render>[0]): Promise<Seen> {
  return await small((await render(figure)).png);
}

/** The example of a name with one piece of its spec's text replaced. */
async function changed(name: string, from: string, to: string): Promise<number> {
  const example = EXAMPLES.find((one) => one.name === name)!;
  const text = JSON.stringify(example.spec);
  ok(text.includes(from), `${name} has ${from}`);
  const other = { ...example, spec: JSON.parse(text.replaceAll(from, to)) };
  return difference(await drawn(example), await drawn(other)).worst;
}

/** What an eye would notice, the smallest first: a wrong figure must not pass for the right one. */
const CHANGES: [what: string, name: string, from: string, to: string][] = [
  ["a thin line in a colour that is near", "training-steps", "#D55E00", "#E69F00"],
  [
    "a line that is no longer dashed",
    "accuracy-by-class",
    '"strokeDash":[6,4]',
    '"strokeDash":[1,0]',
  ],
  ["other words in the title", "class-balance", "Images of each", "Photos of some"],
  ["two lines' colours confused", "learning-curves", "#0072B2", "#56B4E9"],
  ["a cell of another value", "likeness-before-after", '"alike":0.3', '"alike":0.35'],
  ["another label", "class-balance", '"frog"', '"newt"'],
  ["a bar a tenth longer", "accuracy-by-class", '"accuracy":0.52', '"accuracy":0.57'],
  ["another scheme", "position-similarity", "viridis", "magma"],
  ["a legend elsewhere", "learning-curves", '"orient":"top"', '"orient":"bottom-right"'],
];
for (const [what, name, from, to] of CHANGES) {
  Deno.test(`${what} is noticed`, async () => {
    const worst = await changed(name, from, to);
    ok(worst > NOTICED, `a square differs by ${worst.toFixed(1)} only`);
  });
}

Deno.test("colours come out where CIELAB has them", () => {
  // Lindbloom's calculator, sRGB, D65: white, black, and the pure primaries.
  const known: [number[], number[]][] = [
    [[255, 255, 255], [100, 0, 0]],
    [[0, 0, 0], [0, 0, 0]],
    [[255, 0, 0], [53.24, 80.09, 67.2]],
    [[0, 255, 0], [87.73, -86.18, 83.18]],
    [[0, 0, 255], [32.3, 79.19, -107.86]],
  ];
  for (const [[r, g, b], lab] of known) {
    toLab(r, g, b).forEach((value, i) => ok(Math.abs(value - lab[i]) < 0.02, `${value} ${lab[i]}`));
  }
});

Deno.test("a picture is no distance from itself, and infinitely far from one of another shape", async () => {
  const [one] = EXAMPLES;
  const seen = await drawn(one);
  equal(Math.max(seen.width, seen.height), 240);
  deepEqual(difference(seen, seen), { worst: 0, mean: 0 });
  const lower = { ...seen, height: seen.height - 2 };
  equal(difference(seen, lower).worst, Infinity);
});
