import { equal, ok } from "node:assert/strict";
import { markdownHtml } from "../../../commands/report/html_markdown.ts";
import { isMathMl } from "../../../commands/report/mathml.ts";

const FORMULA = '<math display="block"><mrow><mi>q</mi><mo>=</mo><mn>1</mn></mrow></math>';

Deno.test("a formula is set in place of the block that has its text", () => {
  const source = "```text\nq = 1\n```\n\n```text\nk = 2\n```\n";
  const html = markdownHtml(source, new Map([["q = 1", [FORMULA]]]));
  ok(html.includes(`<p>${FORMULA}</p>`));
  ok(!html.includes("q = 1"));
  ok(html.includes("<code>k = 2</code>"));
});

Deno.test("nothing but formulas gets into a page as a formula", () => {
  ok(isMathMl(FORMULA));
  const named = FORMULA.replace("<math", '<math xmlns="http://www.w3.org/1998/Math/MathML"')
    .replace('"block"', '"block" alttext="q = 1"');
  ok(isMathMl(named));
  ok(!markdownHtml("```\nx\n```", new Map([["x", [named]]])).includes("http"));
  ok(isMathMl("<math><msub><mi>x</mi><mn>1</mn></msub><mo>&lt;</mo></math>"));
  const others = [
    "<script>alert(1)</script>",
    "<math><script>alert(1)</script></math>",
    '<math onclick="alert(1)"></math>',
    '<math><mi href="javascript:alert(1)">x</mi></math>',
    "<math></math><img src=x>",
    "<math><annotation-xml encoding='text/html'></annotation-xml></math>",
    '<math style="position:fixed"></math>',
  ];
  for (const other of others) {
    equal(isMathMl(other), false, other);
    ok(markdownHtml("```\nx\n```", new Map([["x", [other]]])).includes("<code>x</code>"), other);
  }
});
