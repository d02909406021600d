import { deepStrictEqual as equal, match, ok, strictEqual } from "node:assert/strict";
import { Configs, lines, mistakesOf } from "./config_stages.ts";

Deno.test("an empty file, or one with only comments, is told apart from a wrong one", async () => {
  const message = 'Cannot read farm.yaml: the file is empty; a config begins with "stages:"';
  equal(await mistakesOf(""), [message]);
  equal(await mistakesOf("# nothing yet\n\n"), [message]);
});

Deno.test("a file that is not there names the one beside it that was meant", async () => {
  await using configs = await Configs.create({ "configs/pets.yaml": "", "configs/cars.yaml": "" });
  equal(await configs.mistakes("configs/pet.yaml"), [
    "Cannot read configs/pet.yaml: there is no such file; did you mean configs/pets.yaml?",
  ]);
  equal(await configs.mistakes("configs/cars"), [
    "Cannot read configs/cars: there is no such file; did you mean configs/cars.yaml?",
  ]);
  equal(await configs.mistakes("cars"), [
    "Cannot read cars: there is no such file; did you mean configs/cars.yaml?",
  ]);
  equal(await configs.mistakes("elsewhere/boats.yaml"), [
    "Cannot read elsewhere/boats.yaml: there is no such file",
  ]);
});

Deno.test("a folder is no config", async () => {
  await using configs = await Configs.create({ "configs/pets.yaml": "" });
  equal(await configs.mistakes("configs"), [
    "Cannot read configs: it is a folder; name a YAML file in it",
  ]);
});

Deno.test("a file that is not UTF-8 is shown its first wrong byte", async () => {
  const start = new TextEncoder().encode("# caf\u00e9\nname: caf"); // é has two bytes here
  equal(await mistakesOf(new Uint8Array([...start, 0xe9, 0x0a])), [
    "2:10 Cannot read byte 0xE9 at offset 17: the file is not UTF-8; save it as UTF-8",
  ]);
  equal(await mistakesOf(new Uint8Array([0xff, 0xfe, 0x61, 0x00])), [
    "1:1 Cannot read byte 0xFF at offset 0: the file is UTF-16; save it as UTF-8",
  ]);
});

Deno.test("a byte order mark and carriage returns are no mistakes, and shift no column", async () => {
  equal(await mistakesOf("\ufeffstages: { field: {} }\r\nseed: 3\r\n"), []);
  equal(await mistakesOf("\ufeffsed: 3\r\nstages: { field: {} }\r\n"), [
    '1:1 Cannot read key "sed" in the config: did you mean "seed"?',
  ]);
});

Deno.test("broken YAML is pointed at, with what is wrong before it", async () => {
  equal(
    await mistakesOf(lines("sed: 3", "stages:", "  field: { size: 3", "  mill: {}")),
    [
      '1:1 Cannot read key "sed" in the config: did you mean "seed"?',
      "4:3 Cannot read YAML: flow map in block collection must be sufficiently indented " +
      "and end with a }",
    ],
  );
});

Deno.test("a tab as indentation is called by its name", async () => {
  const [first] = await mistakesOf("stages:\n\tfield: {}\n");
  strictEqual(first, "2:1 Cannot read a tab as indentation: YAML wants spaces");
});

Deno.test("a key that stands twice names the line of the first", async () => {
  equal(
    await mistakesOf(lines("stages:", "  field:", "    size: 3", "    size: 4")),
    ['4:5 Cannot read key "size" twice: it stands in line 3 already'],
  );
});

Deno.test("a second document is refused", async () => {
  equal(await mistakesOf("stages: { field: {} }\n---\nseed: 1\n"), [
    '2:1 Cannot read a second document: a config is one document; take out the "---" line',
  ]);
});

Deno.test("a config that is no map is refused", async () => {
  equal(await mistakesOf("- a\n- b\n"), [
    '1:1 Cannot use a list as a config: it must be a map with "stages"',
  ]);
  equal(await mistakesOf("hello\n"), [
    '1:1 Cannot use a single value as a config: it must be a map with "stages"',
  ]);
});

Deno.test("a YAML tag and a key that is no word are refused", async () => {
  equal(await mistakesOf("stages: { field: { crop: !big wheat } }\n"), [
    "1:26 Cannot read a YAML tag: a config has none",
  ]);
  equal(await mistakesOf("stages: { field: { [1, 2]: 3 } }\n"), [
    "1:20 Cannot read a list, a map or an alias as a key: a key must be a word",
  ]);
});

Deno.test("anchors, aliases and merge keys work", async () => {
  await using configs = await Configs.create({
    "farm.yaml": lines(
      "stages:",
      "  field: {}",
      "  slow: &slow { uses: mill, rounds: 9, power: &wind { name: wind, sails: 6 } }",
      "  fast: { <<: *slow, rounds: 2 }",
      "  plain: { uses: mill, power: *wind }",
    ),
  });
  const { plan } = await configs.read("farm.yaml");
  const params = Object.fromEntries(plan.stages.map((stage) => [stage.name, stage.params]));
  equal(params.fast.rounds, 2);
  equal(params.fast.power, { name: "wind", sails: 6 });
  equal(params.plain.power, { name: "wind", sails: 6 });
});

Deno.test("an alias without its anchor, or inside of its own value, is refused", async () => {
  equal(await mistakesOf("stages: { field: { size: *big } }\n"), [
    '1:26 Cannot read alias "*big": no value above it has the anchor "&big"',
    '1:26 Cannot use null for "size" in "field": it must be a whole number, or a list',
  ]);
  const [first] = await mistakesOf("stages: &all { field: *all }\n");
  strictEqual(first, '1:23 Cannot read alias "*all": no value above it has the anchor "&all"');
});

Deno.test("an alias bomb is refused at once", async () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 30; level++) {
    const [name, below] = [`l${level}`, level === 1 ? "a" : `l${level - 1}`];
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${below}`).join(", ")}]`);
  }
  equal(await mistakesOf(lines(...bomb)), [
    "2:10 Cannot read YAML: it stands for more than 100000 values",
  ]);
});

Deno.test("values nested a hundred thousand deep are refused, not a crash", async () => {
  for (const opening of ["[", "{a: ", "- ", "? "]) {
    const [first, ...others] = await mistakesOf(opening.repeat(100_000));
    match(first, /Cannot read YAML: its values are nested more than 200 deep$/);
    equal(others, []);
  }
});

Deno.test("a data set given as a config is refused by its size", async () => {
  equal(await mistakesOf(new Uint8Array(2_000_000)), [
    "Cannot read farm.yaml: it has 2000000 bytes; a config has at most 1048576",
  ]);
});

Deno.test("what is printed: four mistakes with their lines, then a count", async () => {
  await using configs = await Configs.create({
    "farm.yaml": lines(
      "stages:",
      "  field: { crop: weat, sise: 3 }",
      "  mill: { rounds: -3, sieve: 'yes', schedule: monthly }",
      "  bakery: { recipe: rye, over: 3 }",
    ),
  });
  const error = await configs.read("farm.yaml").then(() => undefined, (error) => error);
  equal(error.message.replaceAll(`${configs.folder}/`, "").split("\n"), [
    'farm.yaml:2:18 Cannot use "weat" for "crop" in "field": did you mean "wheat"?',
    "    2 |   field: { crop: weat, sise: 3 }",
    "      |                  ^^^^",
    'farm.yaml:2:24 Cannot read key "sise" in "field": did you mean "size"?',
    "    2 |   field: { crop: weat, sise: 3 }",
    "      |                        ^^^^",
    'farm.yaml:3:19 Cannot use -3 for "rounds" in "mill": it must be at least 0',
    "    3 |   mill: { rounds: -3, sieve: 'yes', schedule: monthly }",
    "      |                   ^^",
    'farm.yaml:3:30 Cannot use "yes" for "sieve" in "mill": it must be true or false',
    "    3 |   mill: { rounds: -3, sieve: 'yes', schedule: monthly }",
    "      |                              ^^^^^",
    "… and 2 more",
  ]);
});

Deno.test("a long line is cut around the mistake, and control characters are not printed", async () => {
  const text = `stages: { field: { "a${"x".repeat(200)}\u001b[31m": 1, sise: 3 } }\n`;
  await using configs = await Configs.create({ "farm.yaml": text });
  const error = await configs.read("farm.yaml").then(() => undefined, (error) => error);
  const printed: string[] = error.message.split("\n");
  ok(!error.message.includes("\u001b"));
  for (const line of printed.filter((line) => /^ {4}1 \|/.test(line))) ok(line.length <= 104);
  match(printed[4], /sise: 3/);
  strictEqual(printed[5].indexOf("^"), printed[4].indexOf("sise"));
});

Deno.test("a bracket that is open at the end of the file is shown where it was opened", async () => {
  const message = "Cannot read YAML: flow map in block collection must be sufficiently indented " +
    "and end with a }";
  equal(await mistakesOf("stages: { field: { size: 3 }\n"), [`1:9 ${message}`]);
  equal((await mistakesOf("stages:\n  field: { size: 3\n\n# the end\n"))[0], `2:10 ${message}`);
});
