/** What is damaged, and what then reads it. */
export interface Subject {
  /** Files as they were before: they are read without complaint. */
  readonly whole: readonly WholeFile[];
  /** Writes the damaged files of a seed. The same seed writes the same bytes. */
  write(seed: number): Promise<Damaged>;
  /** Writes given content instead, as {@linkcode Damaged.content} has it: for cases that were kept. */
  writeContent(content: Uint8Array, file: string): Promise<Damaged>;
  /**
   * Reads it all, as the product does.
   * @throws whatever the product throws.
   */
  read(damaged: Damaged): Promise<void>;
}

/** A file that nothing is wrong with. */
export interface WholeFile {
  readonly file: string;
  readonly content: Uint8Array;
}

/** A damaged file. */
export interface Damaged {
  /** Its name, without folders. */
  readonly file: string;
  readonly content: Uint8Array;
  /** An error is to hold one of these. */
  readonly names: readonly string[];
  /** Bytes of all that is read. */
  readonly bytes: number;
  /** Bytes of memory that it may rightly take beside what goes by `bytes`. */
  readonly extra?: number;
}

/** The kinds of file, by the word that a test and its subprocess use; `faulty` tests the tests. */
export const SUBJECTS: Readonly<Record<Kind, () => Promise<Prepare>>> = {
  safetensors: async () => (await import("./subject_safetensors.ts")).prepare,
  model: async () => (await import("./subject_model.ts")).prepare,
  config: async () => (await import("./subject_config.ts")).prepare,
  image: async () => (await import("./subject_image.ts")).prepare,
  parquet: async () => (await import("./subject_parquet.ts")).prepare,
  faulty: async () => (await import("./subject_faulty.ts")).prepare,
};

/** What is damaged. */
export type Kind = "safetensors" | "model" | "config" | "image" | "parquet" | "faulty";

/** Fills an empty folder with files that are whole. */
export type Prepare = (folder: string) => Promise<Subject>;
