import { pathToFileURL } from "node:url";
import { UserError } from "../../base/errors.ts";
import { exists } from "../../base/exists.ts";

/** Where a browser that prints without a window may be; the task's permissions name the same. */
export const BROWSERS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * Prints a page to a PDF beside it, in the style that it has for paper.
 * @param browsers Where a browser may be; the first that is there prints.
 * @returns path of the PDF.
 * @throws {UserError} if there is no browser, or it fails.
 */
export async function printPage(
  page: string,
  browsers: readonly string[] = BROWSERS,
): Promise<string> {
  const pdf = page.replace(/\.html$/, ".pdf");
  const draft = `${pdf}.draft`;
  // What a run that was killed has left is no sign of success.
  await removeIfThere(draft);
  for (const browser of browsers) {
    const ended = await print(browser, page, draft);
    if (ended === undefined) continue;
    if (!ended.success || !exists(draft)) {
      throw new UserError(`Cannot print ${page}: ${browser} failed`, { hint: ended.words });
    }
    await Deno.rename(draft, pdf);
    return pdf;
  }
  throw new UserError(
    `Cannot print ${page}: there is neither Chromium nor Chrome`,
    {
      hint: `They are looked for at ${browsers.join(", ")}. Any browser prints the page as well.`,
    },
  );
}

/** Runs one browser. @returns undefined where there is none of that name. */
async function print(browser: string, page: string, pdf: string) {
  const profile = await Deno.makeTempDir({ prefix: "vitrine-print-" });
  try {
    const { success, stderr } = await new Deno.Command(browser, {
      args: [
        ...["--headless", "--disable-gpu", "--no-first-run", `--user-data-dir=${profile}`],
        // Chromium's sandbox refuses to start for root. The page runs no script and loads nothing.
        ...(Deno.uid() === 0 ? ["--no-sandbox"] : []),
        ...["--no-pdf-header-footer", `--print-to-pdf=${pdf}`, pathToFileURL(page).href],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    const words = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    return { success, words };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  } finally {
    // A browser may still write there while it ends; what is left lies in the system's temporary folder.
    await Deno.remove(profile, { recursive: true }).catch(() => {});
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
