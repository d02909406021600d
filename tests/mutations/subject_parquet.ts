import { join } from "node:path";
import { random } from "../../base/random.ts";
import { BrokenImage } from "../../data/imagefolder.ts";
import { openParquetDataset } from "../../data/parquet/dataset.ts";
import { mutateBytes, pick } from "./bytes.ts";
import type { Damaged, Subject } from "./subject.ts";

const FIXTURES = join(import.meta.dirname!, "../fixtures/parquet/encodings");

/** Bytes; hyparquet makes a list as long as a damaged footer says, before its items are missing. */
const LISTS = 256 << 20;

type Bytes = Uint8Array<ArrayBuffer>;

/** Parquet files of every compression and encoding; all labels and the bytes of all images are read. */
export async function prepare(folder: string): Promise<Subject> {
  const files: { file: string; content: Bytes }[] = [];
  for (const { name } of Deno.readDirSync(FIXTURES)) {
    files.push({ file: name, content: await Deno.readFile(join(FIXTURES, name)) });
  }
  files.sort((a, b) => a.file < b.file ? -1 : 1);
  const put = async (content: Uint8Array, file: string): Promise<Damaged> => {
    const path = join(folder, file);
    await Deno.writeFile(path, content);
    return { file, content, names: [path], bytes: content.length, extra: LISTS };
  };
  return {
    whole: files,
    async write(seed) {
      const draw = random(seed, "damaged parquet");
      const { file, content } = pick(draw, files);
      const other = pick(draw, files).content;
      return await put(
        draw.below(2) === 0 ? mutateBytes(content, draw, other) : mutateFooter(content, draw),
        file,
      );
    },
    writeContent: put,
    read({ file }) {
      const path = join(folder, file);
      const { splits: { train } } = openParquetDataset({
        called: path,
        beside: { folder, files: new Set() },
        splits: { train: [{ path, name: file, shown: path }] },
        features: new Map(),
      });
      train.labels.forEach((_, row) => {
        try {
          train.bytes(row);
        } catch (error) {
          if (!(error instanceof BrokenImage)) throw error;
        }
      });
      return Promise.resolve();
    },
  };
}

/** Damages the footer alone, which says where everything is and how much. */
function mutateFooter(content: Bytes, draw: ReturnType<typeof random>): Bytes {
  const length = new DataView(content.buffer).getUint32(content.length - 8, true);
  const start = content.length - 8 - length;
  const footer = mutateBytes(content.slice(start, content.length - 8), draw);
  const result = new Uint8Array(start + footer.length + 8);
  result.set(content.subarray(0, start));
  result.set(footer, start);
  new DataView(result.buffer).setUint32(start + footer.length, footer.length, true);
  result.set(content.subarray(content.length - 4), start + footer.length + 4);
  return result;
}
