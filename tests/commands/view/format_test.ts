import { equal } from "node:assert/strict";
import { formatNumber } from "../../../commands/view/page/format.ts";

Deno.test("numbers of a calculation have minus signs, and the digits that were asked for", () => {
  equal(formatNumber(0), "0");
  equal(formatNumber(-0.0132), "−0.01320");
  equal(formatNumber(1.274e-7), "1.27e−7");
  equal(formatNumber(-1.274e-7, 2), "−1.3e−7");
  equal(formatNumber(12_345_678), "1.23e7");
});
