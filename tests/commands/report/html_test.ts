import { ok } from "node:assert/strict";
import { toHtml } from "../../../commands/report/html.ts";

Deno.test("a dollar sign in what a figure shows is a dollar sign", () => {
  const figure = {
    name: "accuracy",
    title: "Accuracy of $& and $1",
    description: "A bar for $& and one for $` and $$.",
    png: "evaluate/figures/accuracy.png",
    svg: '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"></svg>',
  };
  const page = toHtml({
    title: "dollars",
    headline: null,
    summary: [],
    sections: [{ id: "test", title: "Test", blocks: [{ type: "figure", stage: "test", figure }] }],
  });
  ok(
    page.includes(
      'aria-label="Accuracy of $&amp; and $1. A bar for $&amp; and one for $` and $$."',
    ),
  );
});
