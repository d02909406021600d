import { deepStrictEqual as equal, doesNotMatch, match, ok } from "node:assert/strict";
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "../..");
const GOLDEN = join(ROOT, "tests/fixtures/golden");

/** What is put wrong in a project whose config plans and whose model loads. */
interface Case {
  readonly name: string;
  /** Path in the project, or `config.yaml`. */
  readonly file: string;
  readonly damage: (whole: Uint8Array) => Uint8Array | string;
  /** The file, as the message names it. */
  readonly says: RegExp;
  readonly exit: number;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const CASES: readonly Case[] = [
  {
    name: "a config that is cut in the middle of a word",
    file: "config.yaml",
    damage: (whole) => whole.subarray(0, whole.length - 12),
    says: /config\.yaml:\d+:\d+ Cannot /,
    exit: 2,
  },
  {
    name: "a config that is no text",
    file: "config.yaml",
    damage: () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 1, 2),
    says: /config\.yaml:1:1 Cannot read byte 0x89/,
    exit: 2,
  },
  {
    name: "a billion laughs",
    file: "config.yaml",
    damage: () => {
      const lines = Array.from(
        { length: 12 },
        (_, i) => `l${i}: &l${i} [${Array(9).fill(i === 0 ? "1" : `*l${i - 1}`).join(", ")}]`,
      );
      return `${lines.join("\n")}\nstages: *l11\n`;
    },
    says: /config\.yaml:2:\d+ Cannot read YAML: it stands for more than 100000 values/,
    exit: 2,
  },
  {
    name: "a model config that nests 100,000 deep",
    file: "model/config.json",
    damage: () => `{"model_type":"vit","a":${"[".repeat(1e5)}${"]".repeat(1e5)}}`,
    says: /model\/config\.json: its values are nested more than 100 deep/,
    exit: 2,
  },
  {
    name: "a model config that makes the model huge",
    file: "model/config.json",
    damage: (whole) => text(whole).replace('"hidden_size": 32', '"hidden_size": 65536'),
    says: /model: .* is \[1, 1, 32\], its config\.json makes it \[1, 1, 65536\]/,
    exit: 2,
  },
  {
    name: "a preprocessor config with a list for a size",
    file: "model/preprocessor_config.json",
    damage: () => '{"size": [1, 2, 3, 4]}',
    says: /"size" in .*preprocessor_config\.json/,
    exit: 2,
  },
  {
    name: "weights whose header claims a terabyte",
    file: "model/model.safetensors",
    damage: (whole) => {
      const forged = whole.slice();
      new DataView(forged.buffer).setBigUint64(0, 2n ** 40n, true);
      return forged;
    },
    says: /model\.safetensors: it says that its header has 1099511627776 bytes/,
    exit: 2,
  },
  {
    name: "an image that is cut",
    file: "pets/train/cat/00009.png",
    damage: (whole) => whole.subarray(0, 60),
    says: /00009\.png/,
    exit: 1,
  },
];

for (const { name, file, damage, says, exit } of CASES) {
  Deno.test(`run refuses ${name} in one to three lines`, async () => {
    const project = await makeProject();
    try {
      const path = join(project, file);
      const damaged = damage(await Deno.readFile(path));
      await Deno.remove(path);
      await Deno.writeFile(
        path,
        typeof damaged === "string" ? new TextEncoder().encode(damaged) : damaged,
      );
      const { code, stderr } = await run(project);
      match(stderr, says);
      doesNotMatch(stderr, /\bundefined\b|\[object |\n\s+at |--debug/);
      const lines = stderr.trimEnd().split("\n");
      // A config's mistake is shown with its line; the first four of them are.
      ok(lines.length <= (file === "config.yaml" ? 13 : 3), stderr);
      equal(code, exit, stderr);
    } finally {
      await Deno.remove(project, { recursive: true });
    }
  });
}

/** A project with a model and a few images. */
async function makeProject(): Promise<string> {
  const project = await Deno.makeTempDir();
  await Deno.writeTextFile(join(project, "deno.json"), "{}");
  await Deno.mkdir(join(project, "model"));
  for (const file of ["config.json", "preprocessor_config.json", "model.safetensors"]) {
    await Deno.copyFile(join(GOLDEN, "vit", file), join(project, "model", file));
  }
  for (const split of ["train", "test"]) {
    for (const name of ["cat", "dog"]) {
      const from = join(GOLDEN, "imagefolder", split, name);
      const to = join(project, "pets", split, name);
      await Deno.mkdir(to, { recursive: true });
      for (const file of Deno.readDirSync(from)) {
        await Deno.copyFile(join(from, file.name), join(to, file.name));
      }
    }
  }
  await Deno.writeTextFile(
    join(project, "config.yaml"),
    "stages:\n  preprocess: { dataset: { imagefolder: pets } }\n  load-pretrained: { model: model }\n",
  );
  return project;
}

async function run(project: string): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", join(ROOT, "commands/main.ts"), "run"]
      .concat(join(project, "config.yaml")),
    cwd: project,
    env: { NO_COLOR: "1", VITRINE_CACHE: join(project, "cache"), HF_HUB_OFFLINE: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  return { code, stderr: text(stderr) };
}
