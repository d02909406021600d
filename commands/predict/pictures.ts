import { dirname, join } from "node:path";
import { messageOf, UserError } from "../../base/errors.ts";
import { printable } from "../../base/printable.ts";
import { isDiskFull } from "../../base/write_error.ts";
import { attentionOverlay } from "../../figures/attention_overlay.ts";
import type { Size } from "../../data/resample.ts";
import { RENDERER } from "../code.ts";
import { fromCommandLine, toWrite } from "../paths.ts";
import type { Attention } from "./classifier.ts";
import type { FoundImage } from "./find_images.ts";
import type { Prediction } from "./format.ts";
import { mark, sourceOf } from "./mark.ts";

/** What is drawn of one image. */
export interface Drawing {
  readonly image: FoundImage;
  /** As the model saw it: uint8 `[height, width, 3]`. */
  readonly pixels: Uint8Array;
  readonly predicted: Prediction;
  readonly attention: Attention;
}

/** The folder that pictures of attention are written into. */
export class Pictures {
  /** Absolute, without links. */
  readonly folder: string;
  readonly #size: Size;
  readonly #grid: readonly [number, number];
  readonly #warn: (text: string) => void;

  /**
   * @param folder From {@linkcode openPictures}.
   * @param grid Patches down and across.
   */
  constructor(
    folder: string,
    options: { size: Size; grid: readonly [number, number]; warn: (text: string) => void },
  ) {
    this.folder = folder;
    this.#size = options.size;
    this.#grid = options.grid;
    this.#warn = options.warn;
  }

  /**
   * Draws one image: `a/b.jpg` becomes `a/b.png` in the folder.
   * @throws {UserError} if it can't be written.
   */
  async draw({ image, pixels, predicted, attention }: Drawing): Promise<void> {
    const { render } = await RENDERER.load();
    const { png } = await render(attentionOverlay({
      image: { ...this.#size, data: pixels },
      file: printable(image.name.slice(image.name.lastIndexOf("/") + 1)),
      predicted: printable(predicted.label),
      probability: predicted.probability,
      grid: this.#grid,
      ...attention,
    }));
    const path = this.#place(image);
    const temporary = `${path}.${Deno.pid}.tmp`;
    writing(path, () => {
      Deno.mkdirSync(dirname(path), { recursive: true });
      Deno.writeFileSync(temporary, mark(png, image.path));
      Deno.renameSync(temporary, path);
    });
  }

  /**
   * Where an image's picture goes: the first of `a/b.png`, `a/b-2.png`, … that is not there yet, or
   * was drawn of the same image before. So pictures of `b.jpg` and `b.gif`, or of two folders, stand
   * side by side, a second time replaces those of the first, and nobody else's file is lost.
   */
  #place({ name, path: source }: FoundImage): string {
    const stem = join(this.folder, name.replace(/\.[^./]+$/, ""));
    for (let number = 1;; number++) {
      const path = number === 1 ? `${stem}.png` : `${stem}-${number}.png`;
      if (!there(path)) return path;
      const drawn = sourceOf(path);
      if (drawn === source) return path;
      if (drawn === undefined) {
        this.#warn(`warning: ${path} is no picture of predict and is left alone`);
      }
    }
  }
}

/**
 * Makes the folder.
 * @param words Folders and files that are read, as they were typed.
 * @returns Its real path.
 * @throws {UserError} if it can't be made, or is one of those that are read.
 */
export function openPictures(folder: string, words: readonly string[]): string {
  const path = toWrite(folder);
  const real = writing(path, () => {
    Deno.mkdirSync(path, { recursive: true });
    return Deno.realPathSync(path);
  });
  if (words.some((word) => realPath(fromCommandLine(word)) === real)) {
    throw new UserError(`Cannot draw into ${folder}: its images are those that are read`, {
      hint: "Name another folder for --attention",
    });
  }
  return real;
}

/** @throws {UserError} where the file system refuses. */
function writing<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    // Deno keeps programs out of /dev, /proc and the like.
    const forbidden = cause instanceof Deno.errors.NotCapable;
    const why = isDiskFull(cause)
      ? "the disk is full"
      : forbidden
      ? "that is no place for files"
      : messageOf(cause);
    throw new UserError(`Cannot write ${path}: ${why}`, { cause });
  }
}

function there(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}
