import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { planDataset } from "../../stages/preprocess/sources/plan.ts";
import { tar } from "../data/fake_cifar10.ts";
import {
  CLASSES,
  encode,
  IMAGES,
  inFolder,
  open,
  pixelsOf,
  shardOf,
  view,
  write,
  writeImages,
} from "./sources.ts";

Deno.test("shards tell their splits by name or folder, or the config does", () =>
  inFolder(async (folder) => {
    const [a, b, c] = [0, 1, 2].map((k) => shardOf(IMAGES.filter((_, i) => i % 3 === k)));
    write(join(folder, "names/train-000.tar"), a);
    write(join(folder, "names/val-000.tar"), b);
    write(join(folder, "names/test-000.tar"), c);
    write(join(folder, "folders/train/0.tar"), a);
    write(join(folder, "folders/validation/0.tar"), b);
    for (const [name, sizes] of [["names", [20, 20, 20]], ["folders", [20, 20, 0]]] as const) {
      const { train, validation, test } = await open({ webdataset: join(folder, name) });
      deepEqual([train, validation, test].map((part) => part?.labels.length ?? 0), sizes);
    }
    const said = await open({
      webdataset: join(folder, "names"),
      train: "{train,val}-{000..000}.tar",
      test: "test-000.tar",
    });
    deepEqual([said.train.labels.length, said.test!.labels.length], [40, 20]);
    const one = await open({ webdataset: join(folder, "names/train-{000..000}.tar") });
    deepEqual([one.train.labels.length, one.test], [20, undefined]);
    const problems: string[] = [];
    await planDataset(
      { webdataset: join(folder, "names/train-{000..001}.tar") },
      view(problems),
      false,
    );
    match(problems[0], /train-001\.tar: there is no such shard/);
    const webdataset = join(folder, "names");
    const shards = [
      { train: "none-{0..3}.tar" },
      { train: "train-000.tar", test: "{train,test}-000.tar" },
      { test: "test-000.tar" },
    ];
    const told: string[] = [];
    for (const some of shards) planDataset({ webdataset, ...some }, view(told), false);
    match(told[0], /^dataset\.train: Cannot read .*names\/none-0\.tar: there is no such shard/);
    match(told[1], /^dataset\.test: Cannot use train-000\.tar of .* twice/);
    match(told[2], /^dataset\.test: Cannot tell the training shards .*say "train" beside "test"/);
    await rejects(
      open({ webdataset: join(folder, "{names,folders}/train{-000,/1}.tar") }),
      /names\/train\/1\.tar: there is no such shard/,
    );
    write(join(folder, "packed/train-0.tar.gz"), a);
    await planDataset({ webdataset: join(folder, "packed") }, view(problems), false);
    match(problems[1], /it is compressed/);
  }));

Deno.test("labels of shards come from cls, txt or a field of JSON; classes from classes.txt", () =>
  inFolder(async (folder) => {
    const members: Record<string, Uint8Array> = {};
    for (const [i, { file, bytes, label }] of IMAGES.entries()) {
      members[file] = bytes;
      members[file.replace("png", "cls")] = encode(String(i % 3));
      members[file.replace("png", "json")] = encode(JSON.stringify({ about: { kind: label } }));
    }
    write(join(folder, "0.tar"), tar(members));
    const webdataset = folder;
    deepEqual((await open({ webdataset })).classes, ["0", "1", "2"]);
    deepEqual((await open({ webdataset, label: "json:about.kind" })).classes, CLASSES);
    await rejects(
      open({ webdataset, label: "txt" }),
      /60 samples: .*it has no label \(\.txt\).* and 56 more/,
    );
    await rejects(open({ webdataset, label: "json:kind" }), /it has no field "kind"/);
    write(join(folder, "classes.txt"), "x\ny\nz\n");
    const { classes, train } = await open({ webdataset });
    deepEqual([classes, [...train.labels.slice(0, 4)]], [["x", "y", "z"], [0, 1, 2, 0]]);
  }));

Deno.test("what the tar program writes is read, whatever its format; links are refused", () =>
  inFolder(async (folder) => {
    const long = `${"a-long-folder-name/".repeat(9)}bird`;
    writeImages(
      join(folder, "in"),
      IMAGES.map((one) => ({
        ...one,
        file: one.file.replace("bird", long),
      })),
    );
    for (const { file, label } of IMAGES) {
      write(join(folder, "in", file.replace("bird", long).replace("png", "cls")), label);
    }
    const pack = async (...args: string[]) => {
      const { success } = await new Deno.Command("tar", { args, cwd: join(folder, "in") }).output();
      ok(success);
    };
    for (const format of ["gnu", "pax"]) {
      Deno.mkdirSync(join(folder, format));
      const shard = join(folder, format, "0.tar");
      await pack("--sort=name", `--format=${format}`, "-cf", shard, ".");
      const { train, classes } = await open({ webdataset: join(folder, format) });
      deepEqual([train.labels.length, classes], [60, CLASSES]);
      equal((await pixelsOf(train)).length, 60 * 192);
    }
    Deno.symlinkSync("/etc/passwd", join(folder, "in/link.png"));
    Deno.mkdirSync(join(folder, "links"));
    await pack("-cf", join(folder, "links/0.tar"), ".");
    await rejects(
      open({ webdataset: join(folder, "links") }),
      /0\.tar: its member ".*link\.png" is a link, no file/,
    );
  }));
