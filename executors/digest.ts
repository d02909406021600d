import { digestOf } from "../base/digest.ts";
import { loadConfig } from "../pipeline/config_file.ts";
import { canonicalJson } from "../pipeline/key.ts";
import { ConfigProblems, ProblemList } from "../pipeline/problems.ts";
import { valueOf } from "../pipeline/tree.ts";

/**
 * SHA-256 of what a config says with all that it extends, but for where it is to be done.
 * @param path Absolute path of the config.
 * @throws {ConfigProblems} if it can't be read.
 */
export async function configDigest(path: string): Promise<string> {
  const problems = new ProblemList();
  const loaded = await loadConfig(path, problems);
  if (loaded === undefined) throw new ConfigProblems(problems.sorted());
  const { executor: _, store: _store, ...rest } = valueOf(loaded.tree) as Record<string, unknown>;
  return await digestOf(canonicalJson(rest));
}
