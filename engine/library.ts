import { join } from "node:path";
import { cacheFolder } from "../base/cache.ts";
import { messageOf, UserError } from "../base/errors.ts";
import { sha256 } from "../base/hash.ts";
import { lockFile } from "../base/lock.ts";
import { explainCacheError, isDiskFull } from "../base/write_error.ts";
import { inspect, recordFiles } from "./installed.ts";
import { type EngineReport, SILENT } from "./report.ts";
import { pipSource, pypiSource, type WheelSource } from "./sources.ts";
import type { LibraryFiles } from "./tensorflow.ts";
import type { Wheel, WheelMember } from "./wheel.ts";
import { readDirectory, unpack } from "./zip.ts";

/** How a library is found; all but the wheel is for the tests to replace. */
export interface FindOptions {
  readonly report?: EngineReport;
  readonly signal?: AbortSignal;
  readonly cache?: string;
  /** Where to fetch it, in order. */
  readonly sources?: readonly WheelSource[];
}

/**
 * Finds TensorFlow's two libraries: in the folder that `VITRINE_TENSORFLOW` names, else in the
 * user's cache, where they are fetched to if they are not there yet or are damaged.
 *
 * @throws {UserError} if the named folder lacks them, or if they cannot be fetched.
 */
export async function findLibrary(wheel: Wheel, options: FindOptions = {}): Promise<LibraryFiles> {
  const own = Deno.env.get("VITRINE_TENSORFLOW");
  if (own) return await checkOwn(own, wheel);
  const cache = options.cache ?? cacheFolder();
  const folder = join(cache, `tensorflow-${wheel.version}-${wheel.platform}`);
  if ((await inspect(folder, wheel)).state !== "whole") {
    await install(folder, wheel, cache, options);
  }
  return filesIn(folder, wheel);
}

function filesIn(folder: string, wheel: Wheel): LibraryFiles {
  return { framework: join(folder, wheel.framework.file), cc: join(folder, wheel.cc.file) };
}

async function checkOwn(folder: string, wheel: Wheel): Promise<LibraryFiles> {
  const files = filesIn(folder, wheel);
  for (const path of [files.framework, files.cc]) {
    if (await Deno.stat(path).then((stat) => stat.isFile, () => false)) continue;
    throw new UserError(`Cannot find ${path}, where VITRINE_TENSORFLOW points to`, {
      hint: `It must name a folder with ${wheel.framework.file} and ${wheel.cc.file}.`,
    });
  }
  return files;
}

/** Fetches and unpacks a wheel's libraries; of several processes one does it and the others wait. */
async function install(
  folder: string,
  wheel: Wheel,
  cache: string,
  options: FindOptions,
): Promise<void> {
  const { report = SILENT, signal } = options;
  try {
    using _ = await lockFile(`${folder}.lock`, {
      onWait: (pid) => report.line(`Waiting for process ${pid ?? "?"}, which fetches TensorFlow`),
      signal,
    });
    const condition = await inspect(folder, wheel);
    if (condition.state === "whole") return;
    if (condition.state === "damaged") {
      const aside = `${folder}.damaged`;
      await Deno.remove(aside, { recursive: true }).catch(() => {});
      await Deno.rename(folder, aside);
      report.line(
        `${join(folder, condition.file)} is damaged: set aside as ${aside} and fetched again`,
      );
    }
    const staging = `${folder}.new`;
    // Left there by a process that was killed.
    await Deno.remove(staging, { recursive: true }).catch(() => {});
    await Deno.mkdir(staging, { recursive: true });
    try {
      const sources = options.sources ?? [pipSource(), pypiSource(cache)];
      const path = await fetchWheel(sources, {
        wheel,
        folder: join(staging, "wheel"),
        report,
        signal,
      });
      const unpacked = join(staging, "libraries");
      await unpackLibraries(path, unpacked, wheel, report, signal);
      await Deno.rename(unpacked, folder);
      await Deno.remove(path).catch(() => {});
    } finally {
      await Deno.remove(staging, { recursive: true }).catch(() => {});
    }
  } catch (error) {
    throw explainCacheError(error, "TensorFlow", cache, "use --engine wasm");
  }
}

async function fetchWheel(
  sources: readonly WheelSource[],
  request: Parameters<WheelSource["fetch"]>[0],
): Promise<string> {
  const { wheel, folder, report } = request;
  report.line(
    `Fetching TensorFlow ${wheel.version} (${Math.round(wheel.size / 1e6)} MB), once for all runs`,
  );
  const failures: string[] = [];
  for (const source of sources) {
    try {
      await Deno.mkdir(folder, { recursive: true });
      return await source.fetch({ ...request, folder });
    } catch (error) {
      if (isDiskFull(error) || !(error instanceof UserError)) throw error;
      failures.push(`${source.name}: ${messageOf(error)}`);
    }
  }
  throw new UserError(`Cannot fetch TensorFlow ${wheel.version}. ${failures.join("; ")}`, {
    hint: `Set VITRINE_TENSORFLOW to a folder with ${wheel.framework.file} and ${wheel.cc.file}, ` +
      "or use --engine wasm.",
  });
}

async function unpackLibraries(
  path: string,
  to: string,
  wheel: Wheel,
  report: EngineReport,
  signal?: AbortSignal,
): Promise<void> {
  await Deno.mkdir(to);
  using archive = await Deno.open(path);
  const directory = await readDirectory(archive);
  const members = [wheel.framework, wheel.cc].map((member) => {
    const entry = directory.get(`${wheel.folder}/${member.file}`);
    if (!entry) throw new UserError(`Cannot find ${member.file} in ${wheel.file}`);
    return { member, entry };
  });
  const total = members.reduce((sum, { entry }) => sum + entry.size, 0);
  let done = 0;
  const digests: { member: WheelMember; sha256: string }[] = [];
  for (const { member, entry } of members) {
    const hash = sha256();
    using file = await Deno.create(join(to, member.file));
    for await (const piece of unpack(archive, entry)) {
      signal?.throwIfAborted();
      hash.update(piece);
      for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
      report.progress(done += piece.length, total, "bytes", member.file);
    }
    await file.sync();
    const found = hash.digest("hex");
    if (member.sha256 !== undefined && found !== member.sha256) {
      throw new UserError(
        `Cannot use ${member.file}: its SHA-256 is ${found}, not ${member.sha256}`,
      );
    }
    digests.push({ member, sha256: found });
  }
  await recordFiles(to, digests);
}
