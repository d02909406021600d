/** The setting that the families are compared at. */
export interface Setting {
  /** Positions (tokens, pixels of a row, steps). */
  readonly n: number;
  /** Numbers a position. */
  readonly d: number;
  /** Positions that a kernel sees at once, odd. */
  readonly k: number;
  readonly heads: number;
  readonly layers: number;
}

export const FAMILIES = ["cnn", "rnn", "transformer"] as const;
export type Family = (typeof FAMILIES)[number];
export const FAMILY_NAMES: Readonly<Record<Family, string>> = {
  cnn: "CNN",
  rnn: "RNN",
  transformer: "Transformer",
};

/** One property as a formula and a function of the setting. */
export interface Cost {
  readonly formula: string;
  readonly of: (setting: Setting) => number;
}

/**
 * What one layer from n positions of width d to n positions of width d costs. The layers are the
 * plainest of their families, without biases: a convolution of k taps over the sequence (stride 1,
 * zeros beyond its ends), a recurrent layer h_t = tanh(W x_t + U h_{t-1}) (Elman 1990), and
 * self-attention with W_Q, W_K, W_V and an output matrix, each d x d (Vaswani et al. 2017).
 */
export const COSTS = {
  parameters: {
    cnn: { formula: "k d²", of: ({ d, k }) => k * d * d },
    rnn: { formula: "2 d²", of: ({ d }) => 2 * d * d },
    transformer: { formula: "4 d²", of: ({ d }) => 4 * d * d },
  },
  multiply_adds: {
    cnn: { formula: "k n d²", of: ({ n, d, k }) => k * n * d * d },
    rnn: { formula: "2 n d²", of: ({ n, d }) => 2 * n * d * d },
    transformer: {
      formula: "4 n d² + 2 n² d",
      of: ({ n, d }) => 4 * n * d * d + 2 * n * n * d,
    },
  },
  activations: {
    cnn: { formula: "n d", of: ({ n, d }) => n * d },
    rnn: { formula: "2 n d", of: ({ n, d }) => 2 * n * d },
    transformer: {
      formula: "5 n d + h n²",
      of: ({ n, d, heads }) => 5 * n * d + heads * n * n,
    },
  },
  path_length: {
    cnn: {
      formula: "⌈2 (n − 1) / (k − 1)⌉",
      of: ({ n, k }) => Math.max(1, Math.ceil(2 * (n - 1) / (k - 1))),
    },
    rnn: { formula: "n", of: ({ n }) => n },
    transformer: { formula: "1", of: () => 1 },
  },
  sequential_steps: {
    cnn: { formula: "1", of: () => 1 },
    rnn: { formula: "n", of: ({ n }) => n },
    transformer: { formula: "1", of: () => 1 },
  },
  receptive_field: {
    cnn: {
      formula: "min(n, 1 + L (k − 1))",
      of: ({ n, k, layers }) => Math.min(n, 1 + layers * (k - 1)),
    },
    rnn: { formula: "n (at the last position)", of: ({ n }) => n },
    transformer: { formula: "n", of: ({ n }) => n },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<Family, Cost>>>>;
export type CostName = keyof typeof COSTS;

/** Every property of every family at a setting. */
export function costsAt(setting: Setting): Record<CostName, Record<Family, number>> {
  return mapCosts((families) => mapFamilies((family) => families[family].of(setting)));
}

/** Every property as its formula. */
export function costFormulas(): Record<CostName, Record<Family, string>> {
  return mapCosts((families) => mapFamilies((family) => families[family].formula));
}

function mapCosts<T>(change: (families: Readonly<Record<Family, Cost>>) => T) {
  return Object.fromEntries(
    Object.entries(COSTS).map(([name, families]) => [name, change(families)]),
  ) as Record<CostName, T>;
}

function mapFamilies<T>(change: (family: Family) => T) {
  return Object.fromEntries(FAMILIES.map((family) => [family, change(family)])) as Record<
    Family,
    T
  >;
}
