import { dirname, join } from "node:path";

/**
 * Libraries of the Python packages `nvidia-*` beside a `tensorflow` package: TensorFlow looks for
 * CUDA's by name, which finds what the process has loaded already. Empty where there are none.
 *
 * Not tried on a GPU: none was at hand.
 *
 * @param folder The folder `tensorflow` among the installed packages.
 */
export function cudaLibraries(folder: string): string[] {
  const packages = join(dirname(folder), "nvidia");
  const found: string[] = [];
  for (const name of namesIn(packages)) {
    const libraries = join(packages, name, "lib");
    for (const file of namesIn(libraries)) {
      if (/^lib.*\.so(\.\d+)*$/.test(file)) found.push(join(libraries, file));
    }
  }
  return found;
}

/**
 * Opens libraries that need each other, in whatever order that takes. Those that cannot be opened
 * are left out: TensorFlow says itself which one it misses.
 *
 * @param open Opens one; whether it could.
 */
export function openInAnyOrder(paths: readonly string[], open: (path: string) => boolean): void {
  for (let left = [...paths], before = Infinity; left.length < before;) {
    before = left.length;
    left = left.filter((path) => !open(path));
  }
}

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), (entry) => entry.name).sort();
  } catch {
    return []; // the usual case: there is no such folder
  }
}
