import { join } from "node:path";
import { cacheFolder } from "../base/cache.ts";
import { realDisk } from "../pipeline/disk.ts";
import { BOX, finetune, newProject, taskRun, writeConfig } from "./jobs.ts";
import { writeImages } from "./made_up_images.ts";
import type { Setting } from "./rows.ts";
import { JobSide, type Side } from "./side.ts";

/** Learning rates of the sweep. */
const RATES = [1e-4, 2e-4, 3e-4, 5e-4, 7e-4, 1e-3, 1.5e-3, 2e-3, 3e-3];
const FROZEN = 6;
const IMAGES = "photos";

interface Size {
  readonly images: number;
  readonly epochs: number;
}

/** A sweep over {@linkcode RATES}, with an empty store each time. */
export async function ourSweep(
  { folder, threads }: Setting,
  { images, epochs }: Size,
): Promise<Side> {
  const project = await newProject(folder);
  await writeImages(join(project, IMAGES), images);
  const config = await writeConfig(project, "rates", {
    stages: {
      preprocess: { dataset: { imagefolder: IMAGES }, validation: 0.1 },
      "load-pretrained": { model: BOX, head: "reinit" },
      freeze: { blocks: FROZEN },
      train: { epochs, batch_size: 128 },
      evaluate: {},
    },
    sweep: { method: "grid", parameters: { "train.optimizer.learning_rate": RATES } },
  });
  return new JobSide(
    taskRun(config, threads, { before: () => realDisk.remove(join(project, "outputs")) }),
  );
}

/** Nine runs one after the other, of which one is measured. */
export function theirSweep(
  python: string,
  { folder, threads }: Setting,
  { epochs }: Size,
): Side {
  const args = ["--folder", join(folder, IMAGES), "--blocks", `${FROZEN}`, "--epochs", `${epochs}`];
  return new JobSide(finetune(python, args, threads, { times: RATES.length }));
}

/** configs/cifar10.yaml on part of the images, with an empty store each time. */
export async function ourWhole({ folder, threads }: Setting, images: number): Promise<Side> {
  const project = await newProject(folder);
  const config = await writeConfig(project, "cifar10", {
    extends: join(import.meta.dirname!, "../configs/cifar10.yaml"),
    stages: {
      preprocess: images < 50_000 ? { limit: { train: images, test: images / 5 } } : {},
      "load-pretrained": { model: BOX },
    },
  });
  return new JobSide(
    taskRun(config, threads, { before: () => realDisk.remove(join(project, "outputs")) }),
  );
}

/** The same recipe in PyTorch, on the images that ours has fetched. */
export function theirWhole(
  python: string,
  { threads }: Setting,
  images: number,
  way: "each-epoch" | "once",
): Side {
  const data = join(cacheFolder(), "cifar10", "data");
  const args = ["--cifar10", data, "--images", `${images}`, "--blocks", `${FROZEN}`];
  const name = way === "once" ? "PyTorch, frozen part once" : "PyTorch";
  return new JobSide(finetune(python, [...args, "--trunk", way], threads, { name }));
}
