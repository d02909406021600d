/** What is damaged, and what then reads it. */
export interface Subject {
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

/** A damaged file. */
export interface Damaged {
  /** Its name, without folders. */
  readonly file: string;
  readonly content: Uint8Array;
  /** An error is to hold one of these. */
  readonly names: readonly string[];
  /** Bytes of all that is read. */
  readonly bytes: number;
}

/** The kinds of file, by the word that a test and its subprocess use. */
export const SUBJECTS: Readonly<Record<Kind, () => Promise<Prepare>>> = {
  safetensors: async () => (await import("./subject_safetensors.ts")).prepare,
  model: async () => (await import("./subject_model.ts")).prepare,
  config: async () => (await import("./subject_config.ts")).prepare,
  image: async () => (await import("./subject_image.ts")).prepare,
};

/** What is damaged. */
export type Kind = "safetensors" | "model" | "config" | "image";

/** Fills an empty folder with files that are whole. */
export type Prepare = (folder: string) => Promise<Subject>;
