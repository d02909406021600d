import { messageOf, UserError } from "../base/errors.ts";
import { hasAvx } from "./avx.ts";
import { type Choice, chooseWithoutTensorFlow, type Machine, unusedGpu } from "./choose.ts";
import { gpuMemoryShare } from "./context.ts";
import { findLibrary } from "./library.ts";
import type { Engine, EngineName } from "./mod.ts";
import { type EngineReport, SILENT } from "./report.ts";
import { registerTensorFlow } from "./tensorflow.ts";
import { tf } from "./tf.ts";
import { registerWasm } from "./wasm.ts";
import { nativePlatforms, wheelOfThisPlatform } from "./wheel.ts";

/** What to open. */
export interface EngineOptions {
  /** `auto` is `tensorflow` where it can be had, else `webgpu` on a GPU, else `wasm`. */
  readonly name: EngineName | "auto";
  /** Threads within one operation, at least 1; by default as many as the machine runs at once. */
  readonly threads?: number;
  readonly report?: EngineReport;
  /** Calls off fetching the library. */
  readonly signal?: AbortSignal;
  /** What `auto` asks of the machine; missing: this one. */
  readonly machine?: Machine;
}

/** Mesa's drivers bring an LLVM, and so does TensorFlow: a process with both ends by a signal. */
let libraryLoaded = false;

let current: { engine: Promise<Engine>; asked: string } | undefined;

/**
 * Opens what executes tensor operations and sets TensorFlow.js to it. A process has one engine:
 * asked for the same again it gives the one that is open.
 *
 * @throws {UserError} if the engine that is named cannot be had. With `auto` the reason is a line
 * of the report and the engine is another.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const threads = options.threads ?? navigator.hardwareConcurrency;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`Cannot use ${threads} threads: a whole number of at least 1 is needed`);
  }
  const asked = `${options.name} (threads: ${threads})`;
  if (current !== undefined && current.asked !== asked) {
    throw new Error(`Cannot open the engine ${asked}: ${current.asked} is open in this process`);
  }
  current ??= { engine: open(options, threads), asked };
  try {
    return await current.engine;
  } catch (error) {
    current = undefined;
    throw error;
  }
}

async function open(options: EngineOptions, threads: number): Promise<Engine> {
  const { name, report = SILENT } = options;
  gpuMemoryShare(); // refused here, where no engine takes another's place
  switch (name) {
    case "wasm":
      return await openWasm(threads, report);
    case "tensorflow":
      return await openTensorFlowEngine(options, threads);
    case "webgpu":
      return await openWebGpu();
    case "auto":
      return await openFastest(options, threads);
  }
}

/** TensorFlow where it can be had; else a GPU by WebGPU; else WebAssembly. */
async function openFastest(options: EngineOptions, threads: number): Promise<Engine> {
  const { report = SILENT, signal } = options;
  let reason: string;
  try {
    const engine = await openTensorFlowEngine(options, threads);
    if (engine.device === "gpu") {
      report.line("The engine is tensorflow: it has a GPU");
      return { ...engine, why: "TensorFlow has a GPU" };
    }
    const unused = unusedGpu();
    if (unused) report.line(unused);
    return { ...engine, why: "TensorFlow can be had here; it finds no GPU" };
  } catch (error) {
    // Whoever names a folder wants that one.
    if (signal?.aborted || Deno.env.get("VITRINE_TENSORFLOW")) throw error;
    reason = messageOf(error);
  }
  const choice: Choice = libraryLoaded
    ? { name: "wasm", why: "no GPU can be looked for beside its library" }
    : await chooseWithoutTensorFlow(options.machine);
  let engine: Engine | undefined;
  let { why } = choice;
  if (choice.name === "webgpu") {
    try {
      engine = await openWebGpu();
    } catch (error) {
      why = `its GPU does not open (${messageOf(error)})`;
    }
  }
  const slower = engine ? "" : ", which is slower";
  report.line(`${reason}; going on with the engine ${engine?.name ?? "wasm"}${slower}: ${why}`);
  engine ??= await openWasm(threads, report);
  return { ...engine, why: `${reason}; ${why}` };
}

async function openTensorFlowEngine(options: EngineOptions, threads: number): Promise<Engine> {
  const wheel = wheelOfThisPlatform();
  if (!wheel) {
    throw new UserError(
      `Cannot use the engine tensorflow on ${Deno.build.os}-${Deno.build.arch}: ` +
        `it is there for ${nativePlatforms().join(" and ")}`,
      { hint: "Use --engine wasm." },
    );
  }
  // A library of the user's own may be built without it.
  if (hasAvx() === false && !Deno.env.get("VITRINE_TENSORFLOW")) {
    throw new UserError("Cannot use the engine tensorflow: this processor has no AVX", {
      hint: "Use --engine wasm, or set VITRINE_TENSORFLOW to a build for this machine.",
    });
  }
  const files = await findLibrary(wheel, options);
  libraryLoaded = true;
  let binding;
  try {
    binding = registerTensorFlow(files, threads);
  } catch (error) {
    throw new UserError(`Cannot open ${files.cc}: ${messageOf(error)}`, {
      hint: "Use --engine wasm, or set VITRINE_TENSORFLOW to a build for this machine.",
      cause: error,
    });
  }
  await tf.setBackend("tensorflow");
  const device = binding.isUsingGpuDevice() ? "gpu" : "cpu";
  const version = binding.TF_Version;
  return {
    name: "tensorflow",
    description: describe(`TensorFlow ${version}`, device, threads),
    version,
    device,
    threads,
  };
}

async function openWasm(threads: number, report: EngineReport): Promise<Engine> {
  const opened = await registerWasm(threads);
  if (opened.reason) {
    report.line(`The engine wasm runs on ${countOf(opened.threads)}: ${opened.reason}`);
  }
  const description = describe(
    `TensorFlow.js WebAssembly ${opened.version}`,
    opened.simd ? "cpu, simd" : "cpu",
    opened.threads,
  );
  const { version } = opened;
  return { name: "wasm", description, version, device: "cpu", threads: opened.threads };
}

async function openWebGpu(): Promise<Engine> {
  // Loaded when it is wanted: the package takes as long as all others together.
  const { registerWebGpu } = await import("./webgpu.ts");
  const { name, software, version } = await registerWebGpu();
  const where = software ? "software on the CPU" : "GPU";
  return {
    name: "webgpu",
    description: `TensorFlow.js WebGPU ${version}, ${name}, ${where}`,
    // Its adapter is part of it: another one adds up in another order.
    version: `${version} (${name})`,
    device: software ? "cpu" : "gpu",
    threads: 1,
  };
}

function describe(what: string, device: string, threads: number): string {
  return `${what}, ${device.toUpperCase()}, ${countOf(threads)}`;
}

function countOf(threads: number): string {
  return `${threads} ${threads === 1 ? "thread" : "threads"}`;
}
