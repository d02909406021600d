import { digestsOf, fetchDataset } from "../../../hub/mod.ts";
import { type LocatedOnHub, locateOnHub } from "./huggingface_locate.ts";
import { openRows } from "./parquet.ts";
import type { HuggingfaceParams } from "./parquet_plan.ts";
import type { Context, Sources } from "./source.ts";

/** Opens a data set of the Hub; fetches the parquet files of the splits that serve, once. */
export async function openHuggingface(
  context: Context,
  dataset: HuggingfaceParams,
): Promise<Sources> {
  const located = await locateOnHub(dataset);
  await fetchSplits(context, located);
  const { hub } = located;
  context.report.record("source", `${hub.id}@${hub.commit}`);
  const place = { root: hub.folder, shown: hub.id, name: hub.id };
  return await openRows(context, located, place, dataset);
}

async function fetchSplits(
  { report, signal }: Context,
  { hub, splits }: LocatedOnHub,
): Promise<void> {
  const wanted = new Set(Object.values(splits).flat());
  const files = await digestsOf(hub, hub.files.filter(({ name }) => wanted.has(name)));
  let said = false;
  await fetchDataset(hub, files, {
    signal,
    warn: (text) => report.warn(text),
    onWait: (pid) => report.line(`Waiting for process ${pid ?? "?"}, which fetches ${hub.id}`),
    onProgress: (done, total) => {
      if (!said) report.line(`fetching ${hub.id}: ${size(total)} of ${files.length} parquet files`);
      said = true;
      report.progress(done, total, "bytes", hub.id);
    },
  });
}

const size = (bytes: number) =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
