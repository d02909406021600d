import { join } from "node:path";
import { BOX, newProject, taskRun, writeConfig } from "./jobs.ts";
import { writeImages } from "./made_up_images.ts";
import type { ScalePoint } from "./results.ts";
import { JobSide } from "./side.ts";

/** How many training images: each ten times as many as the one before. */
export const SCALES = { quick: [100, 300], usual: [1_000, 10_000], long: [1_000, 10_000, 100_000] };

/**
 * Takes a folder of made-up images through preprocess, freeze and one epoch of the head, and then
 * runs it again with nothing to do.
 */
export async function measureScale(
  folder: string,
  images: number,
  threads: number,
): Promise<ScalePoint> {
  const project = await newProject(folder);
  await writeImages(join(project, "photos"), images);
  const config = await writeConfig(project, "scale", {
    stages: {
      preprocess: { dataset: { imagefolder: "photos" }, validation: 0.1 },
      "load-pretrained": { model: BOX, head: "reinit" },
      freeze: { blocks: 6 },
      train: { epochs: 1, batch_size: 128 },
      evaluate: {},
    },
  });
  const first = new JobSide(taskRun(config, threads));
  const seconds = await first.measure(1);
  const again = new JobSide(taskRun(config, threads, { short: true }));
  // Files that are a moment old are not trusted, so the memo of their times stays as it is from the third.
  await again.measure(2);
  return {
    images,
    seconds,
    again_seconds: await again.measure(3) / 3,
    peak_bytes: await first.peak(),
  };
}
