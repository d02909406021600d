import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { random } from "../../base/random.ts";
import { mutateBytes } from "./bytes.ts";
import { mutateJson } from "./json.ts";
import { type Kind, SUBJECTS } from "./subject.ts";

for (const kind of ["safetensors", "model", "config", "image"] satisfies Kind[]) {
  Deno.test(`a seed damages a ${kind} in one way, and another seed in another`, async () => {
    const contents = await Promise.all([1, 2].map(async () => {
      const folder = await Deno.makeTempDir();
      try {
        const subject = await (await SUBJECTS[kind]())(folder);
        const damaged: string[] = [];
        for (let seed = 1; seed <= 20; seed++) {
          const { file, content } = await subject.write(seed);
          damaged.push(`${file} ${new Uint8Array(content).toBase64()}`);
        }
        return damaged;
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }));
    equal(contents[0], contents[1]);
    ok(new Set(contents[0]).size >= 19);
  });
}

Deno.test("damaged bytes stay within twice the length of their sources", () => {
  const bytes = Uint8Array.from({ length: 500 }, (_, i) => i);
  let changed = 0;
  for (let seed = 0; seed < 500; seed++) {
    const damaged = mutateBytes(bytes, random(seed, "bytes"), bytes);
    ok(damaged.length <= 2 * 1000 + 4096);
    if (damaged.length !== bytes.length || damaged.some((byte, i) => byte !== bytes[i])) changed++;
  }
  ok(changed > 490, `${changed} of 500 were changed`);
  equal(bytes, Uint8Array.from({ length: 500 }, (_, i) => i));
});

Deno.test("damaged JSON repeats keys, nests without end and is no JSON at times", () => {
  const seen = { twice: 0, deep: 0, broken: 0, whole: 0 };
  for (let seed = 0; seed < 2000; seed++) {
    const text = mutateJson('{"a":1,"b":[2,3],"c":{"d":"e"}}', random(seed, "json"));
    if ((text.match(/"c":/g)?.length ?? 0) > 1) seen.twice++;
    if (text.length > 1000 && /\[{50}|(\{"a":){50}/.test(text)) seen.deep++;
    try {
      JSON.parse(text);
      seen.whole++;
    } catch {
      seen.broken++;
    }
  }
  ok(Object.values(seen).every((count) => count > 10), JSON.stringify(seen));
});
