import type { Finding } from "../../stage.ts";
import { betterWays, MAP_NAMES } from "./decision.ts";
import type { DiscussionInput, Part } from "./input.ts";
import { counted, list } from "./words.ts";

/** What these maps can't tell, of this run. */
export const limits: Part = { title: "What this can't tell", find: (input) => [of(input)] };

function of({ attention, faithfulness, sanity, before }: DiscussionInput): Finding {
  const { images, measured, grid, patch_size } = attention;
  const failed = faithfulness?.methods.flatMap((one) => {
    const name = MAP_NAMES[one.method];
    // One that is better in one of the two tests does say something.
    return one.better_than_random === false && betterWays(one).length === 0 && name ? [name] : [];
  }) ?? [];
  const sentences = [
    `The maps are of ${counted(images.length, "image")} and the means of ${
      counted(measured, "image")
    }, on a grid of ${grid.join(" by ")} patches of ${
      patch_size.join(" by ")
    } pixels: nothing smaller than a patch can be seen.`,
    faithfulness === undefined
      ? "No patches were removed to put the maps to the test (faithfulness: 0), so nothing here says that the class depends on where they are bright."
      : failed.length > 0
      ? `Where ${list(failed)} ${
        failed.length === 1 ? "is" : "are"
      } bright says no more about the decision than a random choice of patches would.`
      : "",
    sanity === undefined
      ? "Whether the maps depend on the trained weights was not tried (sanity: 0)."
      : "",
    before === undefined ? "There is no model before fine-tuning to compare with." : "",
  ];
  return { text: sentences.filter(Boolean).join(" "), rule: "limits", of: measured };
}
