import { UserError } from "../../../base/errors.ts";
import { NO_CARD, readCard } from "../../../data/parquet/card.ts";
import type { HubDataset } from "../../../hub/mod.ts";
import { chooseFiles, type ChosenFiles } from "./parquet_locate.ts";
import type { HuggingfaceParams } from "./parquet_plan.ts";

/** Files of a data set of the Hub that serve. */
export interface LocatedOnHub extends ChosenFiles {
  /** The repository at the commit that has the files: of some data sets that of the converted ones. */
  readonly hub: HubDataset;
}

/**
 * Finds a data set on the Hub: its list of files and its card, none of its data. One that is not
 * in parquet is looked for among those that the Hub converts, in the branch `refs/convert/parquet`.
 *
 * @throws {UserError} if it can't be had, or has no parquet files.
 */
export async function locateOnHub(dataset: HuggingfaceParams): Promise<LocatedOnHub> {
  const { CONVERTED, parseDatasetName, planDataset } = await import("../../../hub/mod.ts");
  const { huggingface: called, revision } = dataset;
  const name = parseDatasetName(called, revision);
  const hub = await planDataset(name);
  const card = await readCard(hub.readme ?? "") ?? NO_CARD;
  const own = { card, called, repository: called };
  const chosen = chooseFiles({ ...own, files: namesOf(hub) }, dataset);
  if (chosen) return { ...chosen, hub };
  const script = hub.scripts.find((file) => !file.includes("/"));
  const why = script
    ? `it is made by a program, ${script}, which is not run`
    : "it has no parquet files";
  const refuse = (also: string, cause?: unknown) =>
    new UserError(`Cannot use the data set "${called}": ${why}, and ${also}`, {
      hint: "In Python, datasets.load_dataset(…)[split].to_parquet(…) writes them; then name the " +
        "folder: dataset: { parquet: FOLDER }",
      cause,
    });
  if (revision !== "main") throw refuse("the Hub converts no other revision than main");
  let converted: HubDataset;
  try {
    converted = await planDataset({ id: name.id, revision: CONVERTED });
  } catch (error) {
    if (!(error instanceof UserError && /Cannot find the revision/.test(error.message))) {
      throw error;
    }
    throw refuse("the Hub has not converted it", error);
  }
  // The card's patterns are of the other branch; features and licence hold for both.
  const whole = { ...own, card: { ...card, configs: [] }, files: namesOf(converted) };
  const found = chooseFiles(whole, dataset);
  if (!found) throw refuse("the Hub has not converted it");
  const partial = Object.values(found.splits).flat().find((file) => file.includes("/partial-"));
  if (partial) throw refuse(`the Hub has converted only a part of it (${partial})`);
  return { ...found, hub: converted };
}

const namesOf = ({ files }: HubDataset) => files.map(({ name }) => name);
