import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { join } from "node:path";
import { random } from "../../base/random.ts";
import { listTable } from "../../data/table/listing.ts";
import { delimiterOf } from "../../data/table/rows.ts";
import { samplesOf } from "../../data/webdataset/samples.ts";
import { expandBraces } from "../../data/webdataset/shards.ts";
import { tar } from "./fake_cifar10.ts";

const FORM = { image: ["png"], label: "cls" };
const encode = (text: string) => new TextEncoder().encode(text);

/** The samples of a shard with these bytes. */
function samples(folder: string, bytes: Uint8Array) {
  const path = join(folder, "0.tar");
  Deno.writeFileSync(path, bytes);
  using file = Deno.openSync(path);
  return [...samplesOf(file, FORM)];
}

async function inFolder(run: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("braces stand for names in order", () => {
  deepEqual(expandBraces("a-{08..10}.{x,y}"), [
    ...["a-08.x", "a-08.y", "a-09.x", "a-09.y", "a-10.x", "a-10.y"],
  ]);
  throws(() => expandBraces("a-{0..9"), /its brace is not closed/);
  throws(() => expandBraces("a-{0..999999999}"), /no names, or too many/);
});

Deno.test("neighbours with one name up to the first dot are a sample, wherever names lead", () =>
  inFolder((folder) => {
    const found = samples(
      folder,
      tar({
        "../../etc/a.png": encode("1"),
        "../../etc/a.cls": encode("cat\n"),
        "/b.PNG": encode("22"),
        "/b.seg.png": encode("333"),
        "/b.cls": encode("dog"),
        "README": encode("no key"),
        "c.png": encode("4"),
        "d.cls": encode("0"),
      }),
    );
    deepEqual(
      found.map((one) => "reason" in one ? [one.name, one.reason] : [one.name, one.label]),
      [
        ["../../etc/a.png", "cat"],
        ["/b.PNG", "dog"],
        ["c.png", "it has no label (.cls)"],
        ["d", "it has no image (.png)"],
      ],
    );
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["0.tar"]);
  }));

Deno.test("a shard that is cut or changed anywhere ends in samples or in a RangeError", () =>
  inFolder((folder) => {
    const whole = tar(Object.fromEntries(
      Array.from({ length: 4 }, (_, i) =>
        [[`${i}.png`, encode("x".repeat(600))], [
          `${i}.cls`,
          encode(String(i)),
        ]] as const).flat(),
    ));
    const draw = random(7, "mutations");
    const attempt = (bytes: Uint8Array) => {
      try {
        ok(samples(folder, bytes).length <= 8);
      } catch (error) {
        ok(error instanceof RangeError, String(error));
      }
    };
    for (let length = 0; length < whole.length; length += 97) attempt(whole.slice(0, length));
    for (let i = 0; i < 600; i++) {
      const bytes = whole.slice();
      // Headers are where a change matters most.
      for (let n = 0; n < 3; n++) {
        const block = 512 * Math.floor(draw.next() * bytes.length / 512);
        bytes[block + Math.floor(draw.next() * 512)] = Math.floor(draw.next() * 256);
      }
      attempt(bytes);
    }
  }));

Deno.test("the delimiter is what the header has most of, outside quotes", () => {
  equal(delimiterOf('"a,b,c";d\n1,2,3'), ";");
  equal(delimiterOf("a\tb\tc"), "\t");
  equal(delimiterOf("path"), ",");
});

Deno.test("a table of 50,000 rows is listed a row at a time; a bad quote is told with its line", () =>
  inFolder(async (folder) => {
    Deno.writeTextFileSync(join(folder, "a.png"), "");
    const path = join(folder, "l.csv");
    const request = {
      path,
      shown: "l.csv",
      format: { kind: "csv" },
      root: folder,
      columns: {},
    } as const;
    const many = Array.from({ length: 50_000 }, () => "a.png,cat\n").join("");
    Deno.writeTextFileSync(path, `path,label\n${many}`);
    const { splits, bad } = await listTable(request);
    deepEqual([splits.train.files.length, bad.length, bad.at(-1)!.line], [1, 49_999, 50_001]);
    Deno.writeTextFileSync(path, 'path,label\na.png,cat\na.png,d"og\n');
    let said = "";
    await listTable(request).catch((error) => said = error.message);
    equal(said, "Cannot read l.csv:3: a quote stands in the middle of a cell");
  }));
