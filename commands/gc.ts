import { dirname, relative } from "node:path";
import { formatEstimate } from "../base/duration.ts";
import { exists } from "../base/exists.ts";
import { realDisk } from "../pipeline/disk.ts";
import { clearLocks, findDead } from "../pipeline/locks.ts";
import { Store } from "../pipeline/store.ts";
import { storePath } from "../pipeline/store_names.ts";
import { removeUnused } from "../pipeline/sweepings.ts";
import { listUnused, type Unused, type UnusedWhat } from "../pipeline/unused.ts";
import { type Command, type CommandLine, CommandLineError } from "./cli.ts";
import { parseAge, parseSize } from "./gc/amounts.ts";
import { type Choice, choose } from "./gc/choose.ts";
import { formatBytes } from "./gc/sizes.ts";
import { outputsFolder } from "./paths.ts";
import { formatTable } from "./table.ts";

/** `deno task gc`: frees the disk of what no run shows. */
export const command: Command = {
  name: "gc",
  summary: "Frees the store of what no run's folder shows; says what, and removes it with --yes",
  usage: "",
  options: [
    {
      name: "older-than",
      value: "AGE",
      description: "Only what was not used for so long: 30d, 12h",
    },
    {
      name: "keep-size",
      value: "SIZE",
      description: "The oldest goes until the store is no larger: 20GB",
    },
    { name: "yes", short: "y", description: "Remove it; without this nothing is removed" },
    { name: "dry-run", short: "n", description: "Remove nothing, as without --yes" },
    { name: "json", description: "Print what goes as JSON" },
  ],
  example: "deno task gc --older-than 30d --yes",
  run,
};

async function run(line: CommandLine): Promise<number> {
  const yes = line.flag("yes");
  if (yes && line.flag("dry-run")) {
    throw new CommandLineError("Cannot use --yes and --dry-run at once: choose one");
  }
  const age = line.text("older-than");
  const size = line.text("keep-size");
  const wanted = {
    olderThan: age === undefined ? undefined : parseAge(age),
    keepSize: size === undefined ? undefined : parseSize(size),
  };
  const outputs = outputsFolder();
  const project = dirname(outputs);
  const path = storePath(project);
  if (!exists(path)) {
    console.log(line.flag("json") ? "[]" : `There is nothing in ${path}: no config was run here`);
    return 0;
  }
  const store = await Store.open(realDisk, path, { write: yes });
  await findDead(
    store,
    (seconds) =>
      console.error(
        `Other processes hold leases here; waiting up to ${seconds} s to see which live.`,
      ),
  );
  const choice = choose(path, listUnused(store, outputs, wanted), wanted, Date.now());
  const swept = yes ? removeUnused(store, outputs, choice.unused) : undefined;
  if (yes) clearLocks(store);
  if (line.flag("json")) {
    console.log(JSON.stringify((swept?.removed ?? choice.unused).map(plain), null, 2));
    return 0;
  }
  const shown = swept?.removed ?? choice.unused;
  if (shown.length > 0) console.log(`${formatUnused(shown)}\n`);
  if (swept === undefined) console.log(closing(choice, wanted.keepSize));
  else {
    // Not what the store has now: runs may be filling it.
    const stayed = swept.kept.reduce((sum, { bytes }) => sum + bytes, 0);
    const freed = formatBytes(Math.max(0, choice.freed - stayed));
    const kept = swept.kept.length > 0 ? `; ${swept.kept.length} came into use meanwhile` : "";
    console.log(`Freed ${freed} of ${formatBytes(choice.all)}${kept}.`);
  }
  return 0;

  function plain({ used, path: at, ...rest }: Unused) {
    return { ...rest, path: relative(project, at), used: new Date(used).toISOString() };
  }
}

const REASONS: Readonly<Record<UnusedWhat, string>> = {
  artifact: "no run shows it",
  unfinished: "checkpoint of a stage that was not finished",
  leftover: "left by a kill",
  aside: "was damaged, or made way",
  temporary: "left by a kill",
};

/** What goes, a row for each kind of thing. */
function formatUnused(unused: readonly Unused[]): string {
  const byKind = Map.groupBy(unused, ({ kind, what }) => `${kind ?? what}\0${REASONS[what]}`);
  const rows = [...byKind].map(([name, all]) => {
    const [kind, why] = name.split("\0");
    const bytes = all.reduce((sum, each) => sum + each.bytes, 0);
    const last = Math.max(...all.map(({ used }) => used));
    return [kind, String(all.length), formatBytes(bytes), ago(Date.now() - last), why];
  });
  return formatTable(["what", "number", "size", "last used", "why"], rows, { right: [1, 2] });
}

function ago(milliseconds: number): string {
  const days = Math.floor(milliseconds / 86_400_000);
  if (days >= 1) return `${days} ${days === 1 ? "day" : "days"} ago`;
  return `${formatEstimate(Math.max(0, milliseconds / 1000))} ago`;
}

function closing({ unused, freed, all }: Choice, keepSize: number | undefined): string {
  const rest = all - freed;
  const large = keepSize !== undefined && rest > keepSize
    ? `\nMore than ${formatBytes(keepSize)} stay: runs show them, or they are too young to go.`
    : "";
  if (unused.length === 0) return `Nothing to free: the store has ${formatBytes(all)}.${large}`;
  return `Would free ${formatBytes(freed)} of ${formatBytes(all)}. ` +
    `Nothing was removed: add --yes for that.${large}`;
}
