import { deepEqual, equal, throws } from "node:assert/strict";
import { join } from "node:path";
import { listForKey, listForPlan } from "../../stages/preprocess/listed.ts";

/** An image folder of two classes, and how often its folders were listed so far. */
class Watched implements Disposable {
  readonly path = Deno.makeTempDirSync();
  readonly #clock = Date.now;
  readonly #readDir = Deno.readDirSync;
  lists = 0;

  constructor() {
    for (const name of ["cat", "dog"]) {
      Deno.mkdirSync(join(this.path, name));
      this.add(`${name}/1.png`);
    }
    Deno.readDirSync = (path) => {
      this.lists++;
      return this.#readDir(path);
    };
  }

  add(name: string): void {
    Deno.writeTextFileSync(join(this.path, name), "");
  }

  /** What was changed so far is then ten seconds old. */
  wait(): void {
    const was = Date.now;
    Date.now = () => was() + 10_000;
  }

  [Symbol.dispose](): void {
    Date.now = this.#clock;
    Deno.readDirSync = this.#readDir;
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** The folder itself and its two classes. */
const ONCE = 3;

Deno.test("a plan lists an image folder once, and so do all plans and the key after it", () => {
  using folder = new Watched();
  folder.wait();
  const first = listForPlan(folder.path);
  listForPlan(folder.path);
  deepEqual(listForKey(folder.path), first);
  equal(folder.lists, ONCE);
});

Deno.test("a key that is made later sees the folder as it then is", () => {
  using folder = new Watched();
  folder.wait();
  listForPlan(folder.path);
  listForKey(folder.path);
  listForKey(folder.path);
  equal(folder.lists, 2 * ONCE);
});

Deno.test("a file that comes between plan and key counts", () => {
  using folder = new Watched();
  folder.wait();
  listForPlan(folder.path);
  folder.add("dog/2.png");
  // The wait was the clock's alone: without this the folder may bear the millisecond of its making.
  const later = new Date(Date.now());
  Deno.utimeSync(join(folder.path, "dog"), later, later);
  deepEqual(listForKey(folder.path).files, ["cat/1.png", "dog/1.png", "dog/2.png"]);
});

Deno.test("a folder that was changed a moment ago is listed again: its clock may not show the next change", () => {
  using folder = new Watched();
  listForPlan(folder.path);
  listForKey(folder.path);
  equal(folder.lists, 2 * ONCE);
});

Deno.test("a folder that is gone when its key is made is missed", () => {
  using folder = new Watched();
  folder.wait();
  listForPlan(folder.path);
  Deno.removeSync(join(folder.path, "dog"), { recursive: true });
  Deno.removeSync(join(folder.path, "cat"), { recursive: true });
  throws(() => listForKey(folder.path), /Cannot find any classes in/);
});
