import type { ProbeFile } from "./files.ts";

const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
const count = (n: number) => n.toLocaleString("en-GB");

/** What came out, in a line and on a page. */
export function describeProbe(probe: ProbeFile): { summary: string; page: string } {
  const { images, validation_accuracy: accuracy, validation_loss: loss } = probe;
  const ended = probe.converged
    ? `converged in ${probe.iterations} steps`
    : `not converged after ${probe.iterations} steps`;
  const trained = `training loss ${probe.train_loss.toFixed(4)}, accuracy ${
    percent(probe.train_accuracy)
  }`;
  const validated = accuracy === null || loss === null
    ? "validation none"
    : `validation loss ${loss.toFixed(4)}, accuracy ${percent(accuracy)}`;
  const rows = [
    ["training", count(images.train), probe.train_loss.toFixed(4), percent(probe.train_accuracy)],
    ...(accuracy === null || loss === null
      ? []
      : [["validation", count(images.validation), loss.toFixed(4), percent(accuracy)]]),
  ];
  const page = `# How well a linear classifier does on the pretrained model

Multinomial logistic regression on the ${
    count(probe.features)
  } numbers that the model's head reads of
an image, each brought to mean 0 and deviation 1 over the training images. Nothing of the model itself
was trained. The mean cross-entropy plus ${probe.l2} / 2 times the squared weights was minimised by
L-BFGS: ${ended}, where the largest component of the gradient is ${
    probe.largest_gradient.toExponential(1)
  }.

| images | count | loss (nats) | accuracy |
| --- | ---: | ---: | ---: |
${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}
`;
  return { summary: `${ended}: ${trained}; ${validated}`, page };
}
