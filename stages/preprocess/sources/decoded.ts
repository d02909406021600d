import { decodeAhead, decodeInput } from "../../../data/decode_ahead.ts";
import { BrokenImage } from "../../../data/imagefolder.ts";
import type { Size } from "../../../data/resample.ts";
import { createTransform, type Transform } from "../../../data/transform.ts";
import type { PreprocessParams } from "../mod.ts";
import { brokenError, leaveOutBroken } from "./broken.ts";
import type { Context, ImageListing, ImageSource, ListedImages, Sources } from "./source.ts";

/**
 * Opens a data set of image files, wherever each of them lies. They may have any size and are read
 * as the model gets them, so that all are of one. What is read is decoded a few images ahead;
 * memory holds those and what was asked for.
 *
 * Broken images end it and are named, or are left out beforehand, as `on_bad_image` says.
 */
export async function openDecoded(context: Context, listing: ImageListing): Promise<Sources> {
  const { params, report, signal } = context;
  const { splits, skipped } = params.on_bad_image === "skip"
    ? await leaveOutBroken(listing, report, signal)
    : { splits: listing.splits, skipped: [] };
  const [height, width] = params.image_size as [number, number];
  const length = height * width * 3;
  const transformFrom = transforms(params);
  const clipped: string[] = [];
  const source = ({ labels, input }: ListedImages): ImageSource => ({
    labels,
    nameOf: (row) => input(row).shown,
    original: (row) => decodeInput(input(row)),
    async read(rows) {
      const images = new Uint8Array(rows.length * length);
      const broken: BrokenImage[] = [];
      const wanted = Array.from(rows, (row) => input(row));
      let i = 0;
      for await (const image of decodeAhead(wanted)) {
        signal.throwIfAborted();
        const { shown } = wanted[i];
        const into = images.subarray(i * length, ++i * length);
        if (image instanceof BrokenImage) broken.push(image);
        else {
          if (image.clipped) clipped.push(shown);
          transformFrom(image).resize(image.pixels, into);
        }
      }
      if (broken.length > 0) throw brokenError(broken, listing.container);
      return images;
    },
  });
  return {
    name: listing.name,
    called: listing.called,
    classes: listing.classes,
    train: source(splits.train),
    validation: splits.validation && source(splits.validation),
    test: splits.test && source(splits.test),
    size: { height, width },
    resized: true,
    ...(listing.origin && { origin: listing.origin }),
    skipped: [...listing.skipped ?? [], ...skipped],
    leftOut: listing.leftOut ?? {},
    clipped,
  };
}

/** The model's transform from each size that comes along. */
function transforms(params: PreprocessParams): (from: Size) => Transform {
  const [height, width] = params.image_size as [number, number];
  const known = new Map<string, Transform>();
  return (from) => {
    const key = `${from.height}x${from.width}`;
    const before = known.get(key);
    if (before) return before;
    // Each has working memory as large as its images; a folder may have a size for every file.
    if (known.size >= 16) known.clear();
    const transform = createTransform({
      from,
      resize: { ...params.resize!, resample: params.resample! },
      crop: { height, width },
      rescale_factor: params.rescale_factor!,
      ...params.normalize!,
    });
    known.set(key, transform);
    return transform;
  };
}
