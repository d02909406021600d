import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { figure } from "../../figures/figure.ts";
import { render } from "../../figures/render.ts";
import { EXAMPLES } from "./examples.ts";

const FILE = fileURLToPath(new URL("./print_digests.ts", import.meta.url));

Deno.test("a figure drawn twice has the same bytes, whatever was drawn between", async () => {
  const [first, ...others] = EXAMPLES;
  const once = await render(first);
  for (const other of others) await render(other);
  const again = await render(first);
  equal(again.svg, once.svg);
  deepEqual(again.png, once.png);
});

Deno.test("another process draws the same bytes, and prints nothing else", async () => {
  const run = async (order: string) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", FILE, order],
    }).output();
    const text = new TextDecoder();
    equal(code, 0, text.decode(stderr));
    equal(text.decode(stderr), "");
    return text.decode(stdout).trim().split("\n").toSorted();
  };
  deepEqual(await run("forwards"), await run("backwards"));
});

Deno.test("a spec that is not valid is an error that names the figure", async () => {
  const about = { name: "odd", title: "Odd", description: "Nothing." };
  await rejects(
    render(figure(about, { data: { values: [] }, mark: "no-such-mark", encoding: {} })),
    /Cannot draw the figure "odd": /,
  );
});

Deno.test("a figure that asks for data elsewhere is refused", async () => {
  const about = { name: "far", title: "Far", description: "Nothing." };
  const encoding = { x: { field: "a", type: "quantitative" } };
  await rejects(
    render(figure(about, { data: { url: "http://localhost/rows.csv" }, mark: "point", encoding })),
    /Cannot draw the figure "far": .*its data must be inline/,
  );
});

Deno.test("text is set in the project's font, with others to fall back on", async () => {
  const { svg } = await render(EXAMPLES[0]);
  const families = new Set([...svg.matchAll(/font-family="([^"]+)"/g)].map(([, family]) => family));
  deepEqual([...families], ["DejaVu Sans, Bitstream Vera Sans, Verdana, sans-serif"]);
});

Deno.test("ids bear the figure's name, so that figures can stand on one page", async () => {
  for (const example of EXAMPLES) {
    const { svg } = await render(example);
    for (const [, id] of svg.matchAll(/ id="([^"]+)"/g)) match(id, new RegExp(`^${example.name}-`));
    const ids = new Set([...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, id] of svg.matchAll(/(?:url\(|href=")#([^")]+)/g)) equal(ids.has(id), true, id);
  }
});

Deno.test("a picture under several maps is in the SVG once", async () => {
  const { svg } = await render(EXAMPLES.find(({ name }) => name === "attention-1")!);
  equal(svg.match(/data:image\/png/g)?.length, 1);
  equal(svg.match(/<use /g)?.length, 7); // the image, for two classes, rollout, mean, two heads
});
