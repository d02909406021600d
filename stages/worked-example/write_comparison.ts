import { logFactorial } from "../../base/statistics.ts";
import { type Block, heading, list, text } from "./document.ts";
import { COSTS, costsAt, FAMILIES, type Family, FAMILY_NAMES, type Setting } from "./costs.ts";
import { familyOf, type Measured, sayMeasured } from "./measured.ts";
import { sayRuns, trainedOnAll } from "./measured_runs.ts";
import { counted, listed, shown } from "./numbers.ts";

/** The table of CNN, RNN and Transformer, computed at one setting, and what was measured. */
export function writeComparison(
  setting: Setting,
  grid: readonly [down: number, across: number],
  measured: readonly Measured[],
): Block[] {
  const { n, d, k, heads, layers } = setting;
  return [
    text(
      `Computed for a sequence of n = ${counted(n, "position")} with d = ${
        counted(d, "number")
      } each, kernels of k = ${shown(k)} positions, h = ${counted(heads, "head")} and L = ${
        counted(layers, "layer")
      }. One layer takes n × d numbers to n × d numbers, without biases: a convolution of k taps ` +
        "(stride 1), a recurrent layer h_t = tanh(W x_t + U h_(t−1)), and self-attention with its four " +
        "matrices W_Q, W_K, W_V and W_O.",
    ),
    heading(2, "Costs and reach"),
    costTable(setting, measured),
    text(crossings(setting)),
    text(onImages(setting, grid)),
    heading(2, "What each takes for granted"),
    biasTable(setting),
    ...(measured.length === 0 ? [] : [heading(2, "Measured"), ...writeMeasured(measured)]),
    heading(2, "Sources"),
    list(...SOURCES),
  ];
}

/** `k d² = 110,592`. */
function cell(name: keyof typeof COSTS, family: Family, setting: Setting): string {
  const { formula, of } = COSTS[name][family];
  const value = shown(of(setting));
  return formula === value ? value : `${formula} = ${value}`;
}

function costTable(setting: Setting, measured: readonly Measured[]): Block {
  const row = (title: string, name: keyof typeof COSTS, reason: string) => [
    title,
    ...FAMILIES.map((family) => cell(name, family, setting)),
    reason,
  ];
  const at = costsAt(setting);
  const bytes = FAMILIES.map((family) => megabytes(4 * at.activations[family]));
  return {
    type: "table",
    head: ["property", ...FAMILIES.map((family) => FAMILY_NAMES[family]), "reason"],
    rows: [
      row(
        "parameters of a layer",
        "parameters",
        "One d × d matrix for each tap; for input and state; for query, key, value and output. None " +
          "grows with n: weights are shared by all positions. A Transformer block also has an MLP, " +
          `4 d wide: 8 d² = ${shown(8 * setting.d ** 2)} more.`,
      ),
      row(
        "multiply-adds of a layer",
        "multiply_adds",
        "Every weight is used once at every position; attention also forms n² scores and n² weighted " +
          "values of d numbers (all heads together).",
      ),
      row(
        "numbers kept for the backward pass",
        "activations",
        `The layer's input; the states too; input, queries, keys, values, what the heads give, and h ` +
          `tables of n² weights. In float32: ${bytes.join(", ")}.`,
      ),
      row(
        "longest path between two positions",
        "path_length",
        "How many layers or steps a signal must pass from the first position to the last. The longer, " +
          "the harder its gradient survives (Bengio et al. 1994; Hochreiter et al. 2001).",
      ),
      row(
        "steps that must wait for each other",
        "sequential_steps",
        "Within a layer. h_t needs h_(t−1); the others do all positions at once and keep a GPU busy.",
      ),
      row(
        "receptive field after L layers",
        "receptive_field",
        "Each convolution adds (k − 1) / 2 positions on both sides, and what lies far out counts for " +
          "little (Luo et al. 2016). An RNN has seen what came before, nothing of what comes after. " +
          "Attention sees all in the first layer.",
      ),
      ...(measured.length === 0 ? [] : [[
        "measured test accuracy",
        ...FAMILIES.map((family) => measuredCell(family, trainedOnAll(measured))),
        "See below, with intervals and sizes.",
      ]]),
    ],
  };
}

function measuredCell(family: Family, measured: readonly Measured[]): string {
  const own = measured.filter((one) => familyOf(one) === family);
  if (own.length === 0) return "not measured";
  return own.map(({ label, accuracy }) =>
    `${own.length > 1 ? `${label}: ` : ""}${(100 * accuracy).toFixed(1)}%`
  ).join(", ");
}

/** Where one becomes dearer than another, and on which side this setting is. */
function crossings({ n, d, k }: Setting): string {
  const total = 4 * n * d * d + 2 * n * n * d;
  const share = 2 * n * n * d / total;
  const against = n < d ? "less" : n > d ? "more" : "as much";
  return `What grows with n² is the price of attention: scores and weighted values are ${
    (100 * share).toFixed(1)
  }% of its multiply-adds here, and would be half of them at n = 2 d = ${
    shown(2 * d)
  }. That part ` +
    `alone, 2 n² d, is ${against} ${
      against === "as much" ? "as" : "than"
    } the recurrent layer's 2 n d² ` +
    `(they are equal at n = d = ${
      shown(d)
    }), as in Vaswani et al. 2017, table 1. In return no two ` +
    `positions are more than one layer apart, where convolutions of ${shown(k)} taps need ${
      counted(COSTS.path_length.cnn.of({ n, d, k, heads: 1, layers: 1 }), "layer")
    } on end.`;
}

/** The same on a grid of patches: kernels are k x k there. */
function onImages({ d, k }: Setting, [down, across]: readonly [number, number]): string {
  const far = Math.max(down, across);
  const layers = Math.max(1, Math.ceil(2 * (far - 1) / (k - 1)));
  return `On an image, the ${shown(down)} × ${
    shown(across)
  } grid of patches above, a kernel is k × k: ` +
    `k² d² = ${shown(k * k * d * d)} parameters, and ${
      counted(layers, "layer")
    } from one edge to the ` +
    `other instead of ${
      counted(Math.max(1, Math.ceil(2 * (down * across - 1) / (k - 1))), "layer")
    }, ` +
    "because neighbours above and below are next to each other, which they are not in a sequence of " +
    "rows. An attention layer with relative positions can express any k × k convolution with " +
    `k² = ${shown(k * k)} heads (Cordonnier et al. 2020, theorem 1).`;
}

function biasTable({ n, d, k, layers }: Setting): Block {
  const edge = Math.min(n, layers * (k - 1));
  const free = n * n * d * d;
  const shareOf = (parameters: number) => `1 in ${shown(Math.round(free / parameters))}`;
  return {
    type: "table",
    head: ["property", ...FAMILIES.map((family) => FAMILY_NAMES[family]), "number here"],
    rows: [
      [
        "inductive bias",
        "locality, and the same weights everywhere",
        "order: what came just before matters, the same rule at every step",
        "hardly any: every position may attend to every other, and weights depend on the content",
        `a layer with a weight of its own for each pair of numbers has n² d² = ${
          shown(free)
        }; sharing leaves ${listed([k * d * d, 2 * d * d, 4 * d * d].map(shareOf))}`,
      ],
      [
        "when the input is moved",
        "the output moves with it (equivariance), but for the edges",
        "a delay delays the output, if what goes before is nothing (zero input, zero state)",
        "without positions any reordering of the input reorders the output alike; with position " +
        "embeddings it must be learned",
        `after L layers the zeros beyond the ends reach ${shown(edge)} of ${
          counted(n, "position")
        } of the CNN; attention without positions tells none of n! > 10^${
          shown(Math.floor(logFactorial(n) / Math.LN10))
        } orders from another`,
      ],
      [
        "where a position is",
        "in the wiring (neighbours), weakly from the edges",
        "in the order of steps",
        "added to the input: an embedding for each position",
        `learned embeddings: n d = ${counted(n * d, "parameter")}`,
      ],
      [
        "need of data",
        "less: locality need not be learned",
        "less on sequences; long memories are hard to learn",
        "more: ViT is a few percentage points below ResNets of its size when trained on ImageNet alone, and ahead " +
        "after 14 to 300 million images (Dosovitskiy et al. 2021)",
        "depends on the data: networks can be trained side by side (stage new-model)",
      ],
    ],
  };
}

function writeMeasured(measured: readonly Measured[]): Block[] {
  return [
    text(sayMeasured(measured)),
    ...sayRuns(measured).map(text),
    {
      type: "table",
      head: ["model", "family", "parameters", "test accuracy", "95% interval", "loss (nats)"],
      numeric: [2, 3, 4, 5],
      rows: measured.map(({ label, family, parameters, accuracy, interval, loss }) => [
        label,
        family,
        shown(parameters),
        `${(100 * accuracy).toFixed(2)}%`,
        interval.map((x) => `${(100 * x).toFixed(2)}%`).join(" to "),
        loss.toFixed(4),
      ]),
    },
  ];
}

function megabytes(bytes: number): string {
  return bytes < 1e5 ? `${shown(bytes / 1e3)} kB` : `${shown(Number((bytes / 1e6).toFixed(2)))} MB`;
}

const SOURCES = [
  "Vaswani et al. 2017, Attention Is All You Need, table 1 (complexity, sequential steps, path length)",
  "Dosovitskiy et al. 2021, An Image Is Worth 16×16 Words (inductive bias, need of data)",
  "Cordonnier, Loukas and Jaggi 2020, On the Relationship between Self-Attention and Convolutional Layers",
  "Elman 1990, Finding Structure in Time (the recurrent layer)",
  "Bengio, Simard and Frasconi 1994, Learning Long-Term Dependencies with Gradient Descent Is Difficult",
  "Hochreiter, Bengio, Frasconi and Schmidhuber 2001, Gradient Flow in Recurrent Nets",
  "Luo, Li, Urtasun and Zemel 2016, Understanding the Effective Receptive Field in Deep Convolutional Neural Networks",
  "LeCun, Bottou, Bengio and Haffner 1998, Gradient-Based Learning Applied to Document Recognition (shared weights, locality)",
];
