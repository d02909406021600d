import { UserError } from "../base/errors.ts";
import { PixelBatches } from "../data/batches.ts";
import type { Classifier } from "../vit/classifier.ts";
import { type DatasetFile, TEST } from "./preprocess/files.ts";
import type { Artifact } from "./stage.ts";
import { transformOf } from "./transform.ts";

/**
 * Opens the test images for a model.
 *
 * @param data What preprocess has published, and its dataset.json.
 * @throws {UserError} if there are none, or they are of another size than the model takes.
 */
export async function openTestImages(
  data: Artifact,
  dataset: DatasetFile,
  { config }: Classifier,
): Promise<PixelBatches> {
  if (dataset.sizes.test === 0) {
    throw new UserError("Cannot measure on test images: there are none", {
      hint: "Give preprocess a test share, or the image folder a test split",
    });
  }
  const images = await PixelBatches.open(data.file(TEST), transformOf(dataset));
  const { height, width } = images.size;
  const [down, across] = config.imageSize;
  if (height === down && width === across) return images;
  images[Symbol.dispose]();
  throw new UserError(
    `Cannot use images of ${height}x${width} pixels with this model: it takes ${down}x${across}`,
    { hint: "Name under needs: the data that the model was loaded for" },
  );
}
