import type { z } from "zod";
import { isLeftToDefault } from "./schema_walk.ts";
import { type MapTree, removeAt, type TreePath, valueOf } from "./tree.ts";

/**
 * A stage's parameters without those that are null and may be missing: null stands for the default
 * of a parameter whose default is made of others (`freeze.blocks`, `preprocess.image_size`), so that
 * a config can undo what the one that it extends says. Null stays where it is a value itself.
 */
export function withoutNulls(schema: z.ZodType, tree: MapTree): MapTree {
  const value = valueOf(tree);
  let left = tree;
  const walk = (map: MapTree, path: TreePath) => {
    for (const [key, { value: inner }] of map.entries) {
      const here = [...path, key];
      if (inner.type === "map") walk(inner, here);
      else if (inner.type === "scalar" && inner.value === null) {
        if (isLeftToDefault(schema, here, value)) left = removeAt(left, here) as MapTree;
      }
    }
  };
  walk(tree, []);
  return left;
}
