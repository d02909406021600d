import { strictEqual } from "node:assert/strict";
import { UserError } from "../../base/errors.ts";
import { printable, quoted, shownPath } from "../../base/printable.ts";

Deno.test("what could upset a terminal or a line is replaced", () => {
  strictEqual(printable("a\tb\u001b[31m\u0000\n\u202e\u2028\u2066\ud800é🦜"), "a b�[31m������é🦜");
});

Deno.test("a text is quoted on one line, and cut where it is long", () => {
  strictEqual(quoted('a"b\nc'), '"a\\"b\\nc"');
  strictEqual(quoted("x".repeat(58)), `"${"x".repeat(58)}"`);
  strictEqual(quoted("x".repeat(59)), `"${"x".repeat(58)}…"`);
  strictEqual(quoted("🦜".repeat(100), 5), '"🦜🦜🦜…"');
  strictEqual(quoted("\u202eabc"), '"�abc"');
});

Deno.test("of a list or a map only that it is one is shown", () => {
  const values = [[["[".repeat(1000)]], { a: 1 }, null, undefined, 1.5, true].map((value) =>
    quoted(value)
  );
  strictEqual(values.join("; "), "a list; a map; null; nothing; 1.5; true");
});

Deno.test("of a path too long to read the beginning and the end are shown", () => {
  strictEqual(shownPath("/a/b.yaml"), "/a/b.yaml");
  const long = `/start/${"x".repeat(5000)}/end.yaml`;
  strictEqual(shownPath(long).length, 160);
  strictEqual(/^\/start\/x+…x+\/end\.yaml$/.test(shownPath(long)), true);
});

Deno.test("an error for users keeps its lines and nothing else that moves a cursor", () => {
  const { message, hint } = new UserError("one\r\ntwo\u0007", { hint: "three\u001b" });
  strictEqual(message, "one�\ntwo�");
  strictEqual(hint, "three�");
});
