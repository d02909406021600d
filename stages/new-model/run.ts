import { dirname } from "node:path";
import { baselineParameters } from "../../vit/baselines/parameters.ts";
import { newBaseline } from "../../vit/baselines/weights.ts";
import { writeCheckpoint } from "../../vit/checkpoint.ts";
import { newVit } from "../../vit/new_vit.ts";
import { MODEL, type ParametersFile } from "../load-pretrained/files.ts";
import { describeVit, partsOf } from "../load-pretrained/describe.ts";
import { preprocessorJson } from "../load-pretrained/preprocessor.ts";
import { datasetFile } from "../preprocess/files.ts";
import type { StageContext } from "../stage.ts";
import type { NewParametersFile } from "./files.ts";
import type { NewModelParams } from "./params.ts";
import { type NewNetwork, parametersIn, sizeNetwork } from "./sizes.ts";

/** Draws the network and publishes it as load-pretrained would a pretrained one. */
export async function run(
  { params, seed, inputs, output, report }: StageContext<NewModelParams, "data">,
): Promise<void> {
  const { classes, transform } = await inputs.data.json("dataset.json", datasetFile);
  const network = sizeNetwork(params, { imageSize: transform.image_size, labels: classes });
  const weights = network.kind === "vit"
    ? newVit(network.config, seed)
    : newBaseline(network.config, seed);
  await writeCheckpoint(dirname(output.file(`${MODEL}/config.json`)), {
    config: network.json,
    preprocessor: preprocessorJson({}, transform),
    weights,
    labels: classes,
    imageSize: transform.image_size,
  });
  await output.json("parameters.json", describe(network));
  report.line(`${parametersIn(network).toLocaleString("en-GB")} parameters, drawn at random`);
}

function describe({ kind, config }: NewNetwork): NewParametersFile {
  if (kind === "vit") {
    const file: ParametersFile = { ...describeVit(config, "new"), initial: "random" };
    return file;
  }
  const { family, labels } = config;
  const parts = partsOf(baselineParameters(config));
  const image_size: [number, number] = [...config.imageSize];
  return {
    family,
    total: parts.reduce((sum, { parameters }) => sum + parameters, 0),
    parts,
    architecture: config.family === "cnn"
      ? {
        image_size,
        channels: [...config.channels],
        convolutions: config.convolutions,
        kernel_size: config.kernelSize,
      }
      : {
        image_size,
        cell: config.cell,
        hidden_size: config.hiddenSize,
        layers: config.layers,
        steps: image_size[0],
      },
    head: { source: "new", classes: labels.length },
    initial: "random",
  };
}
