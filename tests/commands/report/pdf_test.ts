import { equal, rejects } from "node:assert/strict";
import { join } from "node:path";
import { printPage } from "../../../commands/report/pdf.ts";

/** A page, and a program in place of the browser: lines of shell that know $pdf and $profile. */
async function withBrowser(
  script: string,
  test: (page: string, browser: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const [page, browser] = [join(folder, "report.html"), join(folder, "browser")];
    await Deno.writeTextFile(page, "<p>1</p>");
    const start = "#!/bin/sh\nfor word; do case $word in --print-to-pdf=*) pdf=${word#*=};; " +
      "--user-data-dir=*) profile=${word#*=};; esac; done\n";
    await Deno.writeTextFile(browser, start + script, { mode: 0o755 });
    await test(page, browser);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a page is printed beside it by the first browser that is there", async () => {
  await withBrowser('echo printed > "$pdf"', async (page, browser) => {
    const pdf = await printPage(page, [`${browser}-of-another`, browser]);
    equal(pdf, page.replace(".html", ".pdf"));
    equal(await Deno.readTextFile(pdf), "printed\n");
  });
});

Deno.test("a draft that was left behind is not taken for what the browser printed", async () => {
  await withBrowser("exit 0", async (page, browser) => {
    await Deno.writeTextFile(page.replace(".html", ".pdf.draft"), "old");
    await rejects(printPage(page, [browser]), /Cannot print .*report\.html: .*browser failed/);
  });
});

Deno.test("why a browser failed is told, whatever became of its profile", async () => {
  await withBrowser('rm -r "$profile"; echo "no display" >&2; exit 1', async (page, browser) => {
    await rejects(printPage(page, [browser]), { name: "UserError", hint: "no display" });
  });
});
