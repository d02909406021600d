import { deepEqual as equal, notEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CodeReader, type FileCode, runModule } from "../../pipeline/code.ts";
import { type Disk, realDisk } from "../../pipeline/disk.ts";
import { Memo } from "../../pipeline/memo.ts";
import { readCode } from "../../pipeline/tokens.ts";
import { registry } from "../../stages/mod.ts";

const digest = (text: string) => readCode("a.ts", text).digest;
const imports = (text: string) => readCode("a.ts", text).imports;

Deno.test("comments, blank lines and formatting are no part of a code digest", () => {
  const plain = `const a = [1, 2];\nexport function f(x: number) { return x + a[0]; }\n`;
  const variants = [
    `// first\nconst a = [1, 2];\n\n\n/** Adds. */\nexport function f(x: number) { return x + a[0]; }`,
    `const a = [\n  1,\n  2,\n]\nexport function f(x: number) {\n  // sum\n  return x + a[0]\n}\n`,
    `#!/usr/bin/env deno\n/* b */ const a /* c */ = [1, 2,];export function f(x: number,) { return x + a[0]; }`,
  ];
  for (const variant of variants) equal(digest(variant), digest(plain));
  equal(digest(`f('a', "b")`), digest(`f("a", 'b');`));
});

Deno.test("what a program does is part of its code digest", () => {
  const pairs: [string, string][] = [
    ["const a = 1;", "const a = 2;"],
    ["f(`a b`)", "f(`a  b`)"],
    ["f('a  b')", "f('a b')"],
    ["const a = [1];", "const a = [1, , ];"],
    ["const a = [,];", "const a = [];"],
    ["const r = /a b/;", "const r = /a  b/;"],
    ["if (a) { b(); c(); }", "if (a) { b(); } c();"],
    ["const a = b\n+c", "const a = b;\n+c"],
    ["function f() { return\na; }", "function f() { return a; }"],
    ["for (;;) a();", "for (;a;) ;"],
    ["if (a) ; b();", "if (a) b();"],
    ["const s = '/* no comment */';", "const s = '';"],
    ["class A { a = 1; [b] }", "class A { a = 1[b] }"],
  ];
  for (const [one, other] of pairs) notEqual(digest(one), digest(other), `${one} | ${other}`);
});

Deno.test("imports that run something are followed, those of types alone are not", () => {
  equal(
    imports(`
      import a from "./a.ts";
      import "./effect.ts";
      import { b, type C } from "./b.ts";
      import type { D } from "./types.ts";
      import { type E, type F } from "./types.ts";
      export { g } from "./g.ts";
      export * from "./h.ts";
      export type { I } from "./types.ts";
      export { type J } from "./types.ts";
      const k = await import("./k.ts");
      const l: import("./types.ts").L = 1;
      const m = await import(name);
      new Worker(new URL("./worker.ts", import.meta.url));
      new URL("font.ttf", import.meta.url);
      new URL("https://example.org", import.meta.url);
      new URL("./n.ts", elsewhere);
      import.meta.resolve("zod");
      import.meta.resolve(\`fonts/ttf/\${name}.ttf\`);
      createRequire(import.meta.url).resolve("kernels/package.json");
      requireBeside("core");
      lazily<typeof import("./types.ts")>("./later.ts", import.meta.url);
      made.lazily("../above.ts", import.meta.url);
      lazily("./elsewhere.ts", elsewhere.url);
      describe("no path", import.meta.url);
      path.resolve("..");
      // import "./comment.ts";
      const text = 'import "./text.ts"';
    `),
    [
      "./a.ts",
      "./effect.ts",
      "./b.ts",
      "./g.ts",
      "./h.ts",
      "./k.ts",
      "./worker.ts",
      "./font.ttf",
      "zod",
      "fonts/ttf/",
      "kernels/package.json",
      "core",
      "./later.ts",
      "../above.ts",
    ],
  );
});

async function withFolder(work: (path: string, files: Files) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir();
  const write = (name: string, text: string) => {
    Deno.mkdirSync(join(path, name, ".."), { recursive: true });
    Deno.writeTextFileSync(join(path, name), text);
  };
  try {
    await work(path, { write });
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

interface Files {
  write(name: string, text: string): void;
}

async function reader(codeRoot: string, project = codeRoot, disk: Disk = realDisk) {
  const memo = await Memo.open<FileCode>(disk, join(project, "memo.json"), project);
  return { memo, code: new CodeReader({ disk, memo, codeRoot, project, files: new Map() }) };
}

Deno.test("a module's code is all that it reaches, packages by their locked version", async () => {
  await withFolder(async (path, { write }) => {
    write(
      "deno.json",
      JSON.stringify({
        imports: { "zod": "npm:zod@4.6.7", "vega": "npm:vega@6", "#vit/": "./vit/" },
      }),
    );
    write(
      "package.json",
      JSON.stringify({ dependencies: { canvas: "npm:@napi-rs/canvas@1.0.11" } }),
    );
    write(
      "deno.lock",
      JSON.stringify({
        specifiers: { "npm:zod@4.6.7": "4.6.7", "npm:vega@6": "6.4.0_peer@1.0.0" },
      }),
    );
    write("stages/run.ts", `import "../vit/model.ts"; import "#vit/mapped.ts"; import "node:fs";`);
    write("vit/model.ts", `import "zod"; import "vega/build/x.js"; import "./loop.ts";`);
    write("vit/loop.ts", `import "./model.ts"; import "canvas"; import "npm:direct@1.2.3/sub";`);
    write("vit/mapped.ts", `import labels from "./labels.json" with { type: "json" };`);
    write("vit/labels.json", `["cat"]`);
    const { code } = await reader(path);
    const reach = await code.reach(join(path, "stages/run.ts"));
    equal(Object.keys(reach.code), [
      "stages/run.ts",
      "vit/labels.json",
      "vit/loop.ts",
      "vit/mapped.ts",
      "vit/model.ts",
    ]);
    equal(reach.packages, {
      "@napi-rs/canvas": "1.0.11",
      direct: "1.2.3",
      vega: "6.4.0",
      zod: "4.6.7",
    });
  });
});

Deno.test("code has the same names wherever the project is", async () => {
  await withFolder(async (path, { write }) => {
    for (const project of ["one", "two/deep"]) {
      write(`${project}/stages/mine.ts`, `import "../lib/a.ts"; import "../../tool/b.ts";`);
      write(`${project}/lib/a.ts`, `a();`);
    }
    write("tool/b.ts", "b();");
    write("two/tool/b.ts", "b();");
    const names = await Promise.all([["one", "tool"], ["two/deep", "two/tool"]].map(
      async ([project, tool]) => {
        const { code } = await reader(join(path, tool), join(path, project));
        return Object.keys((await code.reach(join(path, project, "stages/mine.ts"))).code);
      },
    ));
    equal(names[0], ["lib/a.ts", "program:b.ts", "stages/mine.ts"]);
    equal(names[1], names[0]);
  });
});

Deno.test("files of one name in the program and in the project are told apart", async () => {
  await withFolder(async (path, { write }) => {
    write("tool/lib/a.ts", "program();");
    write("mine/lib/a.ts", "mine();");
    write("mine/run.ts", `import "./lib/a.ts"; import "../tool/lib/a.ts"; import "../other.ts";`);
    write("other.ts", "other();");
    const { code } = await reader(join(path, "tool"), join(path, "mine"));
    equal(Object.entries((await code.reach(join(path, "mine/run.ts"))).code), [
      ["../other.ts", digest("other();")],
      ["lib/a.ts", digest("mine();")],
      ["program:lib/a.ts", digest("program();")],
      ["run.ts", digest(Deno.readTextFileSync(join(path, "mine/run.ts")))],
    ]);
  });
});

Deno.test("the work of a built-in stage is its own, without figures or what defines it", async () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  await withFolder(async (path) => {
    const memo = await Memo.open<FileCode>(realDisk, join(path, "memo.json"), root);
    const code = new CodeReader({
      ...{ disk: realDisk, memo, codeRoot: root, project: root, files: new Map() },
    });
    for (const kind of registry.kinds) {
      const { module } = (await registry.load(kind))!;
      const names = Object.keys((await code.reach(runModule(realDisk, module))).code);
      ok(names.includes(`stages/${kind}/run.ts`), kind);
      equal(names.filter((name) => /^stages\/.*\/(?:draw|mod)\.ts$/.test(name)), []);
    }
  });
});

Deno.test("code that has not changed is not read again", async () => {
  await withFolder(async (path, { write }) => {
    write("run.ts", `import "./a.ts";`);
    write("a.ts", "a();");
    const old: Disk = { // as if the files had been there for a minute
      ...realDisk,
      stat(file) {
        const stat = realDisk.stat(file);
        return stat && { ...stat, mtime: stat.mtime - 60_000, ctime: stat.ctime - 60_000 };
      },
    };
    const first = await reader(path, path, old);
    const reach = await first.code.reach(join(path, "run.ts"));
    await first.memo.save();
    const reads: string[] = [];
    const watched: Disk = {
      ...old,
      readBytes: (file) => (reads.push(file), old.readBytes(file)),
    };
    const second = await reader(path, path, watched);
    equal(await second.code.reach(join(path, "run.ts")), reach);
    equal(reads, []);
    // A memo that is damaged is not believed.
    const memo = Deno.readTextFileSync(join(path, "memo.json"));
    Deno.writeTextFileSync(join(path, "memo.json"), memo.replace(/"[0-9a-f]{8}/, '"00000000'));
    const third = await reader(path, path, watched);
    equal(await third.code.reach(join(path, "run.ts")), reach);
    equal(reads.length, 2);
  });
});

Deno.test("a file that was changed a moment ago is not kept in the memo", async () => {
  await withFolder(async (path, { write }) => {
    write("run.ts", "a();");
    const first = await reader(path);
    const before = await first.code.reach(join(path, "run.ts"));
    await first.memo.save();
    const time = Deno.statSync(join(path, "run.ts")).mtime!;
    Deno.writeTextFileSync(join(path, "run.ts"), "b();"); // same size
    Deno.utimeSync(join(path, "run.ts"), time, time); // and made to look untouched
    const second = await reader(path);
    notEqual((await second.code.reach(join(path, "run.ts"))).code["run.ts"], before.code["run.ts"]);
  });
});
