import { deepStrictEqual as equal, match, strictEqual, throws } from "node:assert/strict";
import {
  CommandLineError,
  type CommandSpec,
  helpText,
  parseCommandLine,
  unknownCommand,
} from "../../commands/cli.ts";

const BAKE: CommandSpec = {
  name: "bake",
  summary: "Bakes what recipes say",
  usage: "RECIPE…",
  arguments: { least: 1, most: 2 },
  options: [
    { name: "set", value: "PATH=VALUE", repeat: true, description: "Override one value" },
    { name: "heat", short: "t", value: "N", range: [50, 300], description: "Degrees" },
    { name: "oven", value: "OVEN", choices: ["gas", "wood"], description: "Which oven" },
    {
      name: "force",
      short: "f",
      value: "STEP",
      repeat: true,
      takes: (word) => !word.includes("."),
      description: "Do it again",
    },
    { name: "keep-going", short: "k", description: "Go on after a failure" },
    { name: "title", value: "TEXT", description: "Name of the loaf" },
  ],
  example: "deno task bake rye.yaml",
};

const parse = (...args: string[]) => parseCommandLine(args, BAKE);

/** The sentence for a wrong line. */
function mistake(...args: string[]): string {
  try {
    parse(...args);
  } catch (error) {
    if (error instanceof CommandLineError) return error.message;
    throw error;
  }
  throw new Error("Nothing was wrong");
}

Deno.test("options and arguments may stand in any order, long, short and joined", () => {
  const line = parse("-k", "rye.yaml", "--set", "a.b=1", "--heat=200", "--set=c=d=e", "oat.yaml");
  equal(line.positionals, ["rye.yaml", "oat.yaml"]);
  equal(line.list("set"), ["a.b=1", "c=d=e"]);
  strictEqual(line.number("heat"), 200);
  strictEqual(line.flag("keep-going"), true);
  strictEqual(line.text("title"), undefined);
  strictEqual(parse("-kt", "200", "rye.yaml").number("heat"), 200);
  equal(parse("--", "--rye.yaml").positionals, ["--rye.yaml"]);
});

Deno.test("an option whose value may be left out takes the next word only if it is one", () => {
  const alone = parse("--force", "rye.yaml");
  equal([alone.flag("force"), alone.list("force")], [true, []]);
  equal(alone.positionals, ["rye.yaml"]);
  const named = parse("-f", "knead", "rye.yaml", "--force=rise");
  equal(named.list("force"), ["knead", "rise"]);
  equal(named.positionals, ["rye.yaml"]);
});

Deno.test("an unknown option names the nearest", () => {
  strictEqual(
    mistake("rye.yaml", "--keepgoing"),
    'Cannot read option "--keepgoing" of "bake": did you mean "--keep-going"?',
  );
  match(mistake("rye.yaml", "-x"), /^Cannot read option "-x" of "bake": it has "--set", "--heat"/);
  strictEqual(
    mistake("rye.yaml", "--constructor"),
    'Cannot read option "--constructor" of "bake": it has "--set", "--heat", "--oven", "--force", ' +
      '"--keep-going", "--title", "--help" and "--debug"',
  );
});

Deno.test("a value that is missing, not wanted, wrong or given twice is told", () => {
  strictEqual(mistake("rye.yaml", "--heat"), "Cannot use --heat without a value: write --heat N");
  strictEqual(
    mistake("rye.yaml", "--title", "--keep-going"),
    'Cannot use --title without a value: "--keep-going" is an option',
  );
  strictEqual(parse("rye.yaml", "--title=--odd").text("title"), "--odd");
  strictEqual(
    mistake("rye.yaml", "--keep-going=no"),
    'Cannot use "no" for --keep-going: it takes no value',
  );
  for (const value of ["hot", "1e2", "2.5", "301", "-1", "", "NaN", "0x64"]) {
    strictEqual(
      mistake("rye.yaml", `--heat=${value}`),
      `Cannot use "${value}" for --heat: it must be a whole number from 50 to 300`,
    );
  }
  strictEqual(
    mistake("rye.yaml", "--heat", "-1"),
    'Cannot use "-1" for --heat: it must be a whole number from 50 to 300',
  );
  strictEqual(
    mistake("rye.yaml", "--oven", "gass"),
    'Cannot use "gass" for --oven: did you mean "gas"?',
  );
  strictEqual(
    mistake("rye.yaml", "--oven", "solar"),
    'Cannot use "solar" for --oven: it must be "gas" or "wood"',
  );
  strictEqual(
    mistake("rye.yaml", "--title", "a", "--title", "b"),
    "Cannot take --title twice: it has one value",
  );
});

Deno.test("too few and too many arguments are told with what would be right", () => {
  strictEqual(mistake(), 'Cannot run "bake" without RECIPE…: write deno task bake RECIPE…');
  strictEqual(mistake("a", "b", "c"), 'Cannot use "c" for "bake": it takes RECIPE… only');
  throws(
    () => parseCommandLine(["x"], { ...BAKE, usage: "", arguments: undefined }),
    /Cannot use "x" for "bake": it takes no arguments/,
  );
});

Deno.test("help is given whatever else is wrong", () => {
  strictEqual(parse("--help").flag("help"), true);
  strictEqual(parse("-h", "--heat=hot", "--nothing").flag("help"), true);
});

Deno.test("help is made of the options' definitions", () => {
  equal(helpText(BAKE).split("\n"), [
    "Bakes what recipes say",
    "",
    "Usage: deno task bake RECIPE… [options]",
    "Example: deno task bake rye.yaml",
    "",
    "Options:",
    "      --set PATH=VALUE  Override one value (may be repeated)",
    "  -t, --heat N          Degrees (50 to 300)",
    "      --oven OVEN       Which oven (gas, wood)",
    "  -f, --force [STEP]    Do it again (may be repeated)",
    "  -k, --keep-going      Go on after a failure",
    "      --title TEXT      Name of the loaf",
    "  -h, --help            Show this text",
    "      --debug           Show where in the code an error arose",
    "",
  ]);
});

Deno.test("a word that is no command names the nearest, else all", () => {
  strictEqual(
    unknownCommand("stauts", ["run", "status"]).message,
    'Cannot find a command "stauts": did you mean "status"?',
  );
  strictEqual(
    unknownCommand("bake", ["run", "status"]).message,
    'Cannot find a command "bake": there are "run" and "status"',
  );
});

Deno.test("asking for an option that a command does not declare is a mistake of the code", () => {
  throws(() => parse("rye.yaml").flag("jsn"), /The command declares no option "jsn"/);
});
