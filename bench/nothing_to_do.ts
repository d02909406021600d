import { delimiter, dirname, join } from "node:path";
import { writeImages } from "./made_up_images.ts";
import { BOX, newProject, prepare, taskRun, writeConfig } from "./jobs.ts";
import { type Job, JobSide, type Side } from "./side.ts";

/** Names of the six stages of the peers: each reads what the one before it has written. */
const STAGES = ["preprocess", "load", "freeze", "train", "evaluate", "visualize"];
const IMAGES = "photos";

/** A project with so many images (a sixth of them for testing), on which everything is done. */
export async function ourNothing(
  folder: string,
  images: number,
  threads: number,
): Promise<Side> {
  const project = await newProject(folder);
  await writeImages(join(project, IMAGES), images * 5 / 6);
  const config = await writeConfig(project, "nothing", {
    stages: {
      preprocess: { dataset: { imagefolder: IMAGES } },
      "load-pretrained": { model: BOX },
      freeze: { blocks: 8 },
      train: { epochs: 1 },
      evaluate: {},
      visualize: { images: 1 },
    },
  });
  const job = taskRun(config, threads, { short: true });
  await prepare(job);
  return new JobSide(job);
}

/** Six npm scripts in a row that wireit runs, after ours has written the images. */
export async function wireitNothing(program: string, folder: string): Promise<Side> {
  const scripts = STAGES.map((stage, i) => [stage, {
    command: `node -e "require('fs').writeFileSync('${stage}.txt', '${stage}')"`,
    ...(i === 0 ? { files: [`${IMAGES}/**`] } : {
      files: [`${STAGES[i - 1]}.txt`],
      dependencies: [STAGES[i - 1]],
    }),
    output: [`${stage}.txt`],
  }]);
  await Deno.writeTextFile(
    join(folder, "package.json"),
    JSON.stringify({
      private: true,
      scripts: Object.fromEntries(STAGES.map((stage) => [stage, "wireit"])),
      wireit: Object.fromEntries(scripts),
    }),
  );
  return await nothing({
    name: "wireit",
    command: ["npm", "run", STAGES.at(-1)!],
    cwd: folder,
    env: { PATH: `${dirname(program)}${delimiter}${Deno.env.get("PATH")}` },
  });
}

/** The same six as stages of DVC, after ours has written the images. */
export async function dvcNothing(program: string, folder: string): Promise<Side> {
  const stages = STAGES.map((stage, i) => [stage, {
    cmd: `echo ${stage} > ${stage}.out`,
    deps: [i === 0 ? IMAGES : `${STAGES[i - 1]}.out`],
    outs: [`${stage}.out`],
  }]);
  await Deno.writeTextFile(
    join(folder, "dvc.yaml"),
    JSON.stringify({ stages: Object.fromEntries(stages) }),
  );
  const env = { DVC_NO_ANALYTICS: "1" };
  await prepare({
    name: "DVC",
    command: [program, "init", "--no-scm", "--force"],
    cwd: folder,
    env,
  });
  return await nothing({ name: "DVC", command: [program, "repro"], cwd: folder, env });
}

async function nothing(job: Job): Promise<Side> {
  await prepare(job);
  return new JobSide({ ...job, short: true });
}
