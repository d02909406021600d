import { join } from "node:path";
import { z } from "zod";
import { systemClient } from "../base/certificates.ts";
import { download } from "../base/download.ts";
import { networkReason, UserError } from "../base/errors.ts";
import { sha256File } from "../base/hash.ts";
import type { EngineReport } from "./report.ts";
import type { Wheel } from "./wheel.ts";

/** What a source is asked for. */
export interface WheelRequest {
  readonly wheel: Wheel;
  /** A folder for it to work in. */
  readonly folder: string;
  readonly report: EngineReport;
  readonly signal?: AbortSignal;
}

/** A place that wheels come from. `fetch` gives the path of a checked file in the folder. */
export interface WheelSource {
  readonly name: string;
  fetch(request: WheelRequest): Promise<string>;
}

/**
 * The user's own pip: it knows their mirrors, proxies and caches.
 * @param commands What to try to run it with.
 */
export function pipSource(commands = [["python3", "-m", "pip"], ["pip"]]): WheelSource {
  return {
    name: "pip",
    async fetch(request) {
      const { wheel, folder } = request;
      for (const [program, ...first] of commands) {
        const failure = await runPip(program, first, request);
        if (failure === "not there") continue;
        if (failure !== undefined) throw new UserError(failure);
        const path = join(folder, wheel.file);
        await checkDigest(path, wheel, request.signal);
        return path;
      }
      throw new UserError("there is no pip here");
    },
  };
}

/** Runs `pip download`. @returns What went wrong; undefined where nothing did. */
async function runPip(
  program: string,
  first: string[],
  { wheel, folder, report, signal }: WheelRequest,
): Promise<string | undefined> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      // deno-fmt-ignore -- one option and its value a line
      args: [
        ...first, "download", "--no-deps", "--only-binary=:all:",
        "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311",
        "--platform", wheel.tag,
        "--dest", folder,
        "--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--quiet",
        // Without a network its retries would take half a minute, and there is another source.
        "--retries", "1", "--timeout", "20",
        `${wheel.project}==${wheel.version}`,
      ],
      // Where it keeps what is not there yet: in our folder, so that its growth can be seen.
      env: { TMPDIR: folder },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal,
    }).spawn();
  } catch {
    return "not there";
  }
  const watch = setInterval(async () => {
    report.progress(await sizeOf(folder), wheel.size, "bytes", wheel.file);
  }, 500);
  const { code, stderr } = await child.output().finally(() => clearInterval(watch));
  signal?.throwIfAborted();
  if (code === 0) return undefined;
  const text = new TextDecoder().decode(stderr);
  if (/No module named '?pip/.test(text)) return "not there";
  const errors = text.split("\n").filter((line) => line.startsWith("ERROR: "));
  return errors.at(-1)?.slice("ERROR: ".length) ?? `pip ended with ${code}`;
}

/** Bytes of all files under a folder, as far as they can be seen. */
async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  try {
    for await (const entry of Deno.readDir(folder)) {
      const path = join(folder, entry.name);
      size += entry.isDirectory ? await sizeOf(path) : (await Deno.stat(path)).size;
    }
  } catch {
    // Files come and go while another program works there.
  }
  return size;
}

/** The part of PyPI's answer about a release that is of use here. */
const Release = z.object({
  urls: z.array(z.object({
    filename: z.string(),
    url: z.url({ protocol: /^https?$/ }),
    size: z.int(),
    digests: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  })),
});

/**
 * The Python Package Index over HTTPS, by its JSON interface
 * (docs.pypi.org/api/json): it names each file's address and digest.
 *
 * @param keep The folder where a download that was cut waits for the next try.
 */
export function pypiSource(keep: string, index = "https://pypi.org/pypi"): WheelSource {
  return {
    name: new URL(index).host,
    async fetch({ wheel, report, signal }) {
      const address = `${index}/${wheel.project}/${wheel.version}/json`;
      const file = (await readRelease(address, signal)).urls.find((each) =>
        each.filename === wheel.file
      );
      if (!file) throw new UserError(`Cannot find ${wheel.file} at ${address}`);
      const to = join(keep, wheel.file);
      await download({
        url: file.url,
        to,
        sha256: wheel.sha256 ?? file.digests.sha256,
        size: file.size,
        onProgress: (done, total) => report.progress(done, total, "bytes", wheel.file),
        signal,
      });
      return to;
    },
  };
}

async function readRelease(
  address: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof Release>> {
  try {
    using client = systemClient();
    const response = await fetch(address, { signal, client });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status}`);
    }
    return Release.parse(await response.json());
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof z.ZodError
      ? "the answer is not what PyPI gives"
      : networkReason(error);
    throw new UserError(`Cannot read ${address}: ${reason}`, { cause: error });
  }
}

async function checkDigest(path: string, wheel: Wheel, signal?: AbortSignal): Promise<void> {
  if (wheel.sha256 === undefined) return; // pip has compared it with its index
  const found = await sha256File(path, signal);
  if (found !== wheel.sha256) {
    throw new UserError(`${wheel.file} has the SHA-256 ${found}, not ${wheel.sha256}`);
  }
}
