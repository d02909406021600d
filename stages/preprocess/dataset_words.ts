/** What a data set without a public name is, in words, by its name in `dataset.json`. */
const WORDS: Readonly<Record<string, string>> = {
  imagefolder: "a folder of images",
  csv: "images listed in a CSV file",
  jsonl: "images listed in JSON lines",
  webdataset: "images in tar shards (WebDataset)",
  parquet: "images in parquet files",
  cifar10: "CIFAR-10",
  cifar100: "CIFAR-100",
  "cifar100, coarse labels": "CIFAR-100 with its 20 superclasses",
};

/** The data set in a sentence; its public name where it has one. */
export function datasetInWords(name: string): string {
  return Object.hasOwn(WORDS, name) ? WORDS[name] : name;
}
