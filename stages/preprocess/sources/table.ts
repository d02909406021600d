import { isAbsolute, join } from "node:path";
import { UserError } from "../../../base/errors.ts";
import { sayBadRows, type TableImages } from "../../../data/table/listing.ts";
import { openDecoded } from "./decoded.ts";
import { resolveIn } from "./paths.ts";
import type { Context, ListedImages, Sources } from "./source.ts";
import { locateTable, type TableDataset, tableOf } from "./table_plan.ts";

/** Opens the images that a CSV file or a file of JSON lines names. */
export async function openTableImages(context: Context, dataset: TableDataset): Promise<Sources> {
  const { params, project, report } = context;
  const { parameter, file } = tableOf(dataset);
  const { path, root, listing } = await locateTable(
    dataset,
    (path) => resolveIn(project, path),
    true,
  );
  report.record("source", path);
  const { classes, splits, bad } = listing;
  if (bad.length > 0) {
    // The plan has refused them unless they are left out; they may have become bad since.
    if (params.on_bad_image !== "skip") {
      throw new UserError(`Cannot use ${file}: ${sayBadRows(file, bad)}`);
    }
    report.warn(`left out rows of the table; ${sayBadRows(file, bad)}`);
  }
  const folder = dataset.root ?? file.slice(0, -basenameOf(file).length);
  const before = folder === "" || folder.endsWith("/") ? folder : `${folder}/`;
  const table = basenameOf(file);
  const images = ({ files, labels, lines }: TableImages): ListedImages => ({
    labels,
    input: (row) => ({
      path: isAbsolute(files[row]) ? files[row] : join(root, files[row]),
      shown: `${isAbsolute(files[row]) ? "" : before}${files[row]} (${table}:${lines[row]})`,
    }),
    placeOf: (row) => `${files[row]} (${table}:${lines[row]})`,
  });
  return await openDecoded(context, {
    name: parameter,
    called: "the table",
    shown: file,
    container: "the table",
    classes,
    splits: {
      train: images(splits.train),
      validation: splits.validation && images(splits.validation),
      test: splits.test && images(splits.test),
    },
    skipped: bad.map(({ line, reason }) => ({ path: `${table}:${line}`, reason })),
  });
}

const basenameOf = (path: string) => path.split("/").at(-1)!;
