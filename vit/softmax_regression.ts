import { type LbfgsOptions, type LbfgsResult, minimise } from "./lbfgs.ts";

/** Images to learn from. */
export interface Examples {
  /** `[n, width]`, row by row. */
  readonly features: Float32Array;
  readonly width: number;
  /** Class indices, `[n]`, at least one. */
  readonly labels: Int32Array;
  readonly classes: number;
}

/** A linear classifier. */
export interface LinearClassifier {
  /** `[classes, width]`. */
  readonly weight: Float64Array;
  /** `[classes]`. */
  readonly bias: Float64Array;
}

/** A classifier that was fitted, and how the search for it ended. */
export interface FittedClassifier extends LinearClassifier {
  readonly search: Omit<LbfgsResult, "x">;
}

/**
 * Fits multinomial logistic regression: minimises the mean cross-entropy plus `l2 / 2` times the sum
 * of the squared weights, in 64-bit floats. Features are first brought to mean 0 and deviation 1 (over
 * the examples; one that never changes is only centred), and the result is brought back, so that it
 * applies to features as they come; `l2` is of the weights in between. Biases are free.
 *
 * In scikit-learn: `make_pipeline(StandardScaler(), LogisticRegression(C=1 / (n * l2)))`.
 */
export async function fitSoftmaxRegression(
  examples: Examples,
  l2: number,
  options: LbfgsOptions,
): Promise<FittedClassifier> {
  const { width, classes } = examples;
  const { mean, deviation } = spread(examples);
  const scaled = standardise(examples, mean, deviation);
  const { x, ...search } = await minimise(
    (x) => objective(x, { ...examples, features: scaled }, l2),
    new Float64Array(classes * (width + 1)),
    options,
  );
  const weight = new Float64Array(classes * width);
  const bias = x.slice(classes * width);
  for (let c = 0; c < classes; c++) {
    for (let f = 0; f < width; f++) {
      weight[c * width + f] = x[c * width + f] / deviation[f];
      bias[c] -= weight[c * width + f] * mean[f];
    }
  }
  return { weight, bias, search };
}

/**
 * Mean cross-entropy with the penalty, and its gradient.
 * @param x Weights `[classes, width]`, then biases `[classes]`.
 */
export function objective(
  x: Float64Array,
  { features, width, labels, classes }: Omit<Examples, "features"> & {
    readonly features: Float32Array | Float64Array;
  },
  l2: number,
): { value: number; gradient: Float64Array } {
  const gradient = new Float64Array(x.length);
  const biases = classes * width;
  const errors = new Float64Array(classes);
  const n = labels.length;
  let value = 0;
  for (let i = 0; i < n; i++) {
    const row = i * width;
    let most = -Infinity;
    for (let c = 0; c < classes; c++) {
      let logit = x[biases + c];
      for (let f = 0, w = c * width; f < width; f++) logit += x[w + f] * features[row + f];
      errors[c] = logit;
      most = Math.max(most, logit);
    }
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(errors[c] - most);
    value += Math.log(sum) + most - errors[labels[i]];
    for (let c = 0; c < classes; c++) {
      // Probability less target: the gradient of the logit.
      const error = Math.exp(errors[c] - most) / sum - (c === labels[i] ? 1 : 0);
      gradient[biases + c] += error;
      for (let f = 0, w = c * width; f < width; f++) gradient[w + f] += error * features[row + f];
    }
  }
  for (let k = 0; k < gradient.length; k++) gradient[k] /= n;
  value /= n;
  for (let k = 0; k < biases; k++) {
    value += 0.5 * l2 * x[k] * x[k];
    gradient[k] += l2 * x[k];
  }
  return { value, gradient };
}

/** Logits of examples, `[n, classes]`. */
export function logitsOf(
  { weight, bias }: LinearClassifier,
  { features, width }: Pick<Examples, "features" | "width">,
): Float32Array {
  const classes = bias.length;
  const n = features.length / width;
  const logits = new Float32Array(n * classes);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < classes; c++) {
      let logit = bias[c];
      for (let f = 0; f < width; f++) logit += weight[c * width + f] * features[i * width + f];
      logits[i * classes + c] = logit;
    }
  }
  return logits;
}

function spread({ features, width, labels }: Examples) {
  const n = labels.length;
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width);
  for (let i = 0; i < features.length; i++) mean[i % width] += features[i] / n;
  for (let i = 0; i < features.length; i++) {
    deviation[i % width] += (features[i] - mean[i % width]) ** 2 / n;
  }
  for (let f = 0; f < width; f++) {
    const root = Math.sqrt(deviation[f]);
    // Below what 32-bit floats tell apart it is the rounding of the mean: the feature never changes.
    deviation[f] = root <= 1e-7 * Math.abs(mean[f]) ? 1 : root;
  }
  return { mean, deviation };
}

function standardise(
  { features, width }: Examples,
  mean: Float64Array,
  deviation: Float64Array,
): Float64Array {
  const scaled = new Float64Array(features.length);
  for (let i = 0; i < features.length; i++) {
    scaled[i] = (features[i] - mean[i % width]) / deviation[i % width];
  }
  return scaled;
}
