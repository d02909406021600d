import { strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fromCommandLine } from "../../commands/paths.ts";

Deno.test("a path means what it means where it was typed, or else in the project", async () => {
  const typed = await Deno.makeTempDir();
  const project = await Deno.makeTempDir();
  const cwd = Deno.cwd();
  const before = Deno.env.get("INIT_CWD");
  try {
    Deno.chdir(project);
    Deno.env.set("INIT_CWD", typed);
    for (const place of [typed, project]) Deno.writeTextFileSync(join(place, "a.yaml"), "");
    Deno.writeTextFileSync(join(project, "b.yaml"), "");
    const here = Deno.cwd(); // the real path where the temporary folder is a link
    strictEqual(fromCommandLine("a.yaml"), join(typed, "a.yaml"));
    strictEqual(fromCommandLine("b.yaml"), join(here, "b.yaml"));
    strictEqual(fromCommandLine("nowhere.yaml"), join(here, "nowhere.yaml"));
    strictEqual(fromCommandLine(join(project, "b.yaml")), join(project, "b.yaml"));
  } finally {
    Deno.chdir(cwd);
    if (before === undefined) Deno.env.delete("INIT_CWD");
    else Deno.env.set("INIT_CWD", before);
    await Deno.remove(typed, { recursive: true });
    await Deno.remove(project, { recursive: true });
  }
});
