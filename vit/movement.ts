import type { HostTensor } from "./host_tensor.ts";
import { type Part, partOf } from "./parameters.ts";

/** What the tensors of a block do. */
export const ROLES = ["attention", "mlp", "norms"] as const;
export type Role = typeof ROLES[number];

/** How far the tensors of a part, or of one role in it, have moved. */
export interface Movement {
  readonly part: Part;
  /** null: the part as a whole. */
  readonly role: Role | null;
  /** ||after - before||, the root of the sum of squares over all of its numbers. */
  readonly distance: number;
  /** The same by ||before||; null where that is 0. */
  readonly relative: number | null;
}

/**
 * How far each part of a model has moved from one set of weights to another, part by part from the
 * pixels up, and within a block by what its tensors do. The head is left out: it may be of other
 * classes.
 *
 * @param before,after Tensors by name, of one model.
 */
export function movementOf(
  before: ReadonlyMap<string, HostTensor>,
  after: ReadonlyMap<string, HostTensor>,
): Movement[] {
  const sums = new Map<string, { part: Part; role: Role | null; moved: number; was: number }>();
  const add = (part: Part, role: Role | null, moved: number, was: number) => {
    const id = `${part}/${role}`;
    const sum = sums.get(id) ?? { part, role, moved: 0, was: 0 };
    sums.set(id, { part, role, moved: sum.moved + moved, was: sum.was + was });
  };
  for (const [name, { data: x }] of before) {
    const part = partOf(name);
    const y = after.get(name)?.data;
    if (part === "head" || y === undefined) continue;
    let [moved, was] = [0, 0];
    for (let i = 0; i < x.length; i++) {
      moved += (y[i] - x[i]) ** 2;
      was += x[i] ** 2;
    }
    add(part, null, moved, was);
    if (part.startsWith("block ")) add(part, roleOf(name), moved, was);
  }
  return [...sums.values()].map(({ part, role, moved, was }) => ({
    part,
    role,
    distance: Math.sqrt(moved),
    relative: was > 0 ? Math.sqrt(moved / was) : null,
  }));
}

/** By the names that the families' blocks have on disk; a scale by channel counts with its layer. */
function roleOf(name: string): Role {
  if (/\.(?:layernorm_(?:before|after)|norm[12])\./.test(name)) return "norms";
  return /\.attention\.|\.layer_scale1\./.test(name) ? "attention" : "mlp";
}
