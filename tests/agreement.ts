/**
 * Measures how far from PyTorch every model family is, and every training run of the fixtures, on every
 * engine, and writes docs/agreement.md: `deno task agreement`. Ten minutes where WebGPU's adapter is the
 * processor.
 */
import { join } from "node:path";
import { openSafetensors } from "../base/safetensors.ts";
import { createResizer, RESAMPLE_NAMES } from "../data/resample.ts";
import type { Measured } from "./agreement_measure.ts";
import { page } from "./agreement_page.ts";

const ROOT = join(import.meta.dirname!, "..");
const TARGET = join(ROOT, "docs/agreement.md");
const ENGINES = ["tensorflow", "wasm", "webgpu"];

async function main() {
  const measured: Measured[] = [];
  for (const engine of ENGINES) {
    console.log(`Measuring ${engine}`);
    const { success, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", join(ROOT, "tests/agreement_measure.ts"), engine],
      stdout: "piped",
      stderr: "inherit",
    }).output();
    if (!success) Deno.exit(1);
    measured.push(JSON.parse(new TextDecoder().decode(stdout)));
  }
  await Deno.writeTextFile(TARGET, page(measured, await pixels()));
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", TARGET] }).output();
  console.log(`Wrote ${TARGET}`);
}

/** Largest difference of a resized pixel from Pillow's, by filter. */
async function pixels(): Promise<string[][]> {
  using cases = await openSafetensors(join(ROOT, "tests/fixtures/data/resample.safetensors"));
  const images = cases.names.filter((name) => name.startsWith("image."));
  const size = (name: string) => {
    const [height, width] = cases.info(name).shape;
    return { height, width };
  };
  return RESAMPLE_NAMES.map((filter) => {
    let [worst, count] = [0, 0];
    for (const name of images) {
      const resized = `${name.replace("image", "resized")}.${filter}`;
      const ours = createResizer(size(name), size(resized), filter)(cases.read(name));
      const theirs = cases.read(resized);
      ours.forEach((value, i) => worst = Math.max(worst, Math.abs(value - theirs[i])));
      count += ours.length / 3;
    }
    return [filter, String(images.length), count.toLocaleString("en-GB"), String(worst)];
  });
}

await main();
