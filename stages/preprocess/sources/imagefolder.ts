import { join } from "node:path";
import { type FolderImages, listImageFolder } from "../../../data/imagefolder.ts";
import { resolveIn } from "./paths.ts";
import { openDecoded } from "./decoded.ts";
import type { Context, ListedImages, Sources } from "./source.ts";

/** Opens an image folder: `PATH/{train,validation,test}/CLASS/*` or `PATH/CLASS/*`. */
export function openImageFolder(context: Context, folder: string): Promise<Sources> {
  const root = resolveIn(context.project, folder);
  context.report.record("source", root);
  const { classes, splits: { train, validation, test }, leftOut } = listImageFolder(root);
  const shown = folder.replace(/\/+$/, "");
  const images = ({ files, labels }: FolderImages): ListedImages => ({
    labels,
    input: (row) => ({ path: join(root, files[row]), shown: `${shown}/${files[row]}` }),
    placeOf: (row) => files[row],
  });
  return openDecoded(context, {
    // Not the folder's name: a folder that is renamed holds the same images.
    name: "imagefolder",
    called: "the image folder",
    shown: folder,
    container: "the folder",
    classes,
    splits: {
      train: images(train),
      validation: validation && images(validation),
      test: test && images(test),
    },
    byPlace: true,
    leftOut,
  });
}
