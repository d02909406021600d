import { join } from "node:path";
import { z } from "zod";
import { ConfigProblems } from "../../pipeline/problems.ts";
import { type ConfigFile, readConfigFile } from "../../pipeline/config.ts";
import type { Registry } from "../../pipeline/types.ts";
import { defineStage, type StageDefinition } from "../../stages/stage.ts";

const run = () => Promise.reject(new Error("A plan loads no stage's work"));

/** Kinds that have nothing to do with images, with every sort of parameter. */
export const KINDS: readonly StageDefinition[] = [
  defineStage({
    kind: "field",
    summary: "Grows something",
    params: z.strictObject({
      crop: z.union([z.literal("wheat"), z.strictObject({ seeds: z.string().min(1) })])
        .default("wheat").describe("What is sown"),
      size: z.union([z.int().min(1), z.tuple([z.int().min(1), z.int().min(1)])]).default(10),
      shares: z.array(z.number().min(0).max(1)).length(3).optional(),
    }),
    inputs: {},
    run,
  }) as StageDefinition,
  defineStage({
    kind: "mill",
    summary: "Grinds it",
    params: z.strictObject({
      rounds: z.int().min(0).max(100).default(3).describe("Passes through the stones"),
      fineness: z.number().positive().nullable().default(1).describe("null: whole meal"),
      sieve: z.boolean().default(true),
      power: z.discriminatedUnion("name", [
        z.strictObject({ name: z.literal("water"), height: z.number().positive().default(2) }),
        z.strictObject({ name: z.literal("wind"), sails: z.int().min(2).default(4) }),
      ]).prefault({ name: "water" }),
      schedule: z.enum(["daily", "weekly"]).default("daily"),
    }),
    inputs: { grain: "field" },
    usesSeed: (params) => (params as { sieve: boolean }).sieve,
    run,
  }) as StageDefinition,
  defineStage({
    kind: "bakery",
    summary: "Bakes it",
    params: z.strictObject({
      recipe: z.string().min(1),
      oven: z.int().min(0).optional(),
    }),
    inputs: {
      flour: { from: ["mill", "field"] },
      salt: { from: ["saltern"], optional: true },
    },
    usesSeed: true,
    complete(params, view) {
      const mills = view.related("mill");
      const heat = 200 + mills.length + Number(mills[0]?.params.rounds ?? 0);
      if ((params.oven ?? 0) > 400) view.problem("oven", "Cannot heat to over 400 degrees");
      return { ...params, oven: params.oven ?? heat };
    },
    run,
  }) as StageDefinition,
  defineStage({
    kind: "saltern",
    summary: "Dries salt",
    params: z.strictObject({}),
    inputs: {},
    run,
  }) as StageDefinition,
];

/** The kinds above; any module path gives a stage of kind "garden". */
export const registry: Registry = {
  kinds: KINDS.map(({ kind }) => kind),
  load(uses) {
    const definition = KINDS.find(({ kind }) => kind === uses);
    if (definition) return Promise.resolve({ definition, module: `/kinds/${uses}/mod.ts` });
    if (!uses.endsWith(".ts")) return Promise.resolve(undefined);
    const garden = { ...KINDS[0], kind: "garden" };
    return Promise.resolve({ definition: garden, module: uses });
  },
};

/** A folder of configs that goes when the test ends. */
export class Configs implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(files: Record<string, string | Uint8Array>): Promise<Configs> {
    const configs = new Configs(await Deno.makeTempDir({ prefix: "vitrine-config-" }));
    await configs.write({ "deno.json": "{}", ...files });
    return configs;
  }

  async write(files: Record<string, string | Uint8Array>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.folder, name);
      await Deno.mkdir(join(path, ".."), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
    }
  }

  read(name: string, set: string[] = [], runName?: string): Promise<ConfigFile> {
    return readConfigFile({ config: join(this.folder, name), set, name: runName, registry });
  }

  /** What is wrong, each as `line:column message` or `--set … message`, paths without the folder. */
  async mistakes(name: string, set: string[] = [], runName?: string): Promise<string[]> {
    const error = await this.read(name, set, runName).then(() => undefined, (error) => error);
    if (error === undefined) return [];
    if (!(error instanceof ConfigProblems)) throw error;
    return error.problems.map(({ at, message }) => {
      const text = message.replaceAll(`${this.folder}/`, "");
      if (at === null) return text;
      if (at.source.text === null) return `${at.source.label} ${text}`;
      const before = at.source.text.slice(0, at.start).split("\n");
      const file = at.source.label.replace(`${this.folder}/`, "");
      const place = `${before.length}:${before.at(-1)!.length + 1}`;
      return file === name ? `${place} ${text}` : `${file}:${place} ${text}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** The mistakes of one config. */
export async function mistakesOf(text: string | Uint8Array, set: string[] = []): Promise<string[]> {
  await using configs = await Configs.create({ "farm.yaml": text });
  return await configs.mistakes("farm.yaml", set);
}

/** Lines joined by line feeds. */
export function lines(...all: string[]): string {
  return all.join("\n") + "\n";
}
