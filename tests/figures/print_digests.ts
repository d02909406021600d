/** Draws the examples in the order that is asked for, and prints the digest of each file. */
import { sha256 } from "../../base/hash.ts";
import { render } from "../../figures/render.ts";
import { EXAMPLES } from "./examples.ts";

const order = Deno.args[0] === "backwards" ? EXAMPLES.toReversed() : EXAMPLES;
for (const example of order) {
  const { svg, png } = await render(example);
  const [ofSvg, ofPng] = [svg, png].map((file) => sha256().update(file).digest("hex"));
  console.log(`${example.name} ${ofSvg} ${ofPng}`);
}
