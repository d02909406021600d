/*
 * What can be said of options of Slurm's `sbatch` without asking it: see its man page.
 */

// No flags: a JSON Schema, which has these too, could not say them.

/** Forms of `--time`: minutes, minutes:seconds, hours:minutes:seconds, days-hours[:minutes[:seconds]]. */
export const SBATCH_TIME = /^((\d+-)?\d+(:\d+){0,2}|[Ii]nfinite|INFINITE|[Uu]nlimited|UNLIMITED)$/;

/** Forms of `--mem`: a whole number, in mebibytes where it has no unit. */
export const SBATCH_MEMORY = /^\d+([KMGTkmgt][Bb]?)?$/;

/** Options that the executor sets, by long and by short name: not the user's to set again. */
const OURS: readonly string[] = [
  ..."--array -a --dependency -d --job-name -J --output -o --error -e --chdir -D --export".split(
    " ",
  ),
  ..."--open-mode --requeue --no-requeue --signal --parsable --wrap --wait -W".split(" "),
  ..."--nodes -N --ntasks -n --clusters -M --cluster --test-only".split(" "),
];

/** The name of an option of `sbatch` (`--array=1-3`, `-a1-3`) if the executor sets it. */
export function ownOption(option: string): string | undefined {
  const [name] = option.split(/[= ]/, 1);
  const short = /^-\w/.exec(name)?.[0];
  return [name, short].find((known) => known !== undefined && OURS.includes(known));
}
