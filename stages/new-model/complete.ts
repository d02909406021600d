import type { PlanView } from "../stage.ts";
import { DOUBLINGS, NAMES, type NewModelParams, PARAMETERS, SIZES, WIDTH } from "./params.ts";

/** Fills in the sizes of the architecture, and finds those that are not its own or do not fit. */
export function completeNewModel(params: NewModelParams, view: PlanView): NewModelParams {
  const { architecture } = params;
  const own = SIZES[architecture];
  for (const name of Object.keys(params) as (keyof NewModelParams)[]) {
    if (name === "architecture" || name === "parameters" || name in own) continue;
    if (params[name] === undefined) continue;
    view.problem(
      name,
      `Cannot use "${name}" for ${NAMES[architecture]}: its sizes are ${
        Object.keys(own).join(", ")
      }`,
    );
  }
  const result: NewModelParams = { ...params };
  for (const [name, value] of Object.entries(own)) {
    if (value !== null) Object.assign(result, { [name]: params[name as "blocks"] ?? value });
  }
  const width = WIDTH[architecture];
  if (params[width] === undefined) result.parameters ??= PARAMETERS;
  else if (params.parameters !== undefined) {
    view.problem(
      "parameters",
      `Cannot use "parameters" and "${width}" together: each says how wide ${
        NAMES[architecture]
      } is`,
    );
  }
  if (architecture === "vit") return completeVit(result, view);
  if (architecture === "cnn") checkCnn(result, view);
  return result;
}

function completeVit(params: NewModelParams, view: PlanView): NewModelParams {
  const { heads, hidden_size: width, intermediate_size: inside } = params;
  const result = { ...params };
  if (width !== undefined) {
    result.intermediate_size ??= 4 * width;
    if (width % heads! !== 0) {
      view.problem(
        "hidden_size",
        `Cannot use ${width} for "hidden_size": it must be a multiple of the ${heads} heads`,
      );
    }
  } else if (inside !== undefined) {
    view.problem(
      "intermediate_size",
      'Cannot use "intermediate_size" without "hidden_size": it follows from "parameters"',
    );
  }
  for (const image of imageSizes(view)) {
    const patch = result.patch_size ?? image.map((side) => side / 8);
    const [down, across] = typeof patch === "number" ? [patch, patch] : patch;
    if (Number.isInteger(image[0] / down) && Number.isInteger(image[1] / across)) {
      if (Number.isInteger(down) && Number.isInteger(across)) {
        result.patch_size = [down, across];
        continue;
      }
    }
    const what = params.patch_size === undefined
      ? `Cannot find "patch_size": an eighth of ${image.join("x")} pixels is no whole number`
      : `Cannot use ${down}x${across} for "patch_size": images are ${image.join("x")}`;
    view.problem("patch_size", `${what}; write one that divides both sides`);
  }
  return result;
}

function checkCnn({ kernel_size: side, channels }: NewModelParams, view: PlanView): void {
  if (side! % 2 === 0) {
    view.problem("kernel_size", `Cannot use ${side} for "kernel_size": it must be odd`);
  }
  for (const image of imageSizes(view)) {
    const stages = channels?.length ?? DOUBLINGS.length;
    if (Math.min(...image) >= 2 ** (stages - 1)) continue;
    view.problem(
      channels === undefined ? "" : "channels",
      `Cannot halve images of ${image.join("x")} pixels ${stages - 1} times: ` +
        `write "channels" with fewer stages`,
    );
  }
}

/** Heights and widths of the images that it is made for, as far as they are known. */
function imageSizes(view: PlanView): [height: number, width: number][] {
  return view.related("preprocess").flatMap(({ params: { image_size: size } }) => {
    if (typeof size === "number") return [[size, size] as [number, number]];
    return Array.isArray(size) && size.length === 2 ? [size as [number, number]] : [];
  });
}
