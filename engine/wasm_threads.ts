import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";

/** The module counts no further. */
export const MOST_THREADS = 8;

type Numbers = (...values: number[]) => number;

/** The WebAssembly module. */
export interface WasmModule {
  cwrap(name: string, result: string | null, parameters: string[]): Numbers;
  PThread: ThreadPool;
  /** What the package's backend calls. */
  tfjs?: Record<string, Numbers>;
}

/** The module's own list of workers. */
interface ThreadPool {
  unusedWorkers: ThreadWorker[];
  allocateUnusedWorker(): void;
  loadWasmModuleToWorker(worker: ThreadWorker, loaded: () => void): void;
}

type Receive = (instance: WebAssembly.Instance, code: WebAssembly.Module) => void;
type Factory = (settings: Record<string, unknown>) => Promise<WasmModule>;

/** The script makes eight workers at once, however many threads are asked for: these start none. */
class NoWorker {
  onmessage?: (event: { data: unknown }) => void;
  postMessage(message: { cmd: string }): void {
    if (message.cmd === "load") queueMicrotask(() => this.onmessage?.({ data: { cmd: "loaded" } }));
  }
  on(): void {}
  unref(): void {}
}

/** A worker that is one thread of the module. The process does not stay for it. */
class ThreadWorker extends Worker {
  constructor() {
    super(new URL("./wasm_thread.ts", import.meta.url));
    this.unref();
  }

  /** The script would have the process stay for a thread that runs, which they do to the end. */
  override ref(): void {}
}

/**
 * Starts the WebAssembly module with threads and SIMD, and the workers for them. The package does so
 * in browsers only; its script takes the way of Node.js in Deno, and is given a worker that fits.
 *
 * @param threads 2 to {@linkcode MOST_THREADS}; the thread that calls is one of them.
 * @throws {Error} if the module or a worker does not start.
 */
export async function startThreadedModule(threads: number): Promise<WasmModule> {
  const require = createRequire(import.meta.url);
  const script = require.resolve(
    "@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js",
  );
  const folder = dirname(script);
  const factory: Factory = require(script);
  const module = await withWorker(NoWorker, () =>
    factory({
      locateFile: (name: string) => join(folder, name),
      instantiateWasm(imports: { env: Record<string, unknown> }, receive: Receive) {
        // Of so many cores it uses half.
        imports.env.emscripten_num_logical_cores = () => 2 * threads;
        const code = new WebAssembly.Module(Deno.readFileSync(script.replace(/js$/, "wasm")));
        const instance = new WebAssembly.Instance(code, imports as WebAssembly.Imports);
        receive(instance, code);
        return instance.exports;
      },
    }));
  await startWorkers(module.PThread, threads - 1);
  module.tfjs = functionsOf(module);
  return module;
}

/**
 * Calls a part of the module's script with another `Worker`: the script sets the global one to that of
 * Node.js, then makes workers by it. All of that is done when the call returns, and whoever else makes a
 * worker meanwhile (of leases, by a timer) must get a real one.
 */
function withWorker<T>(Constructor: typeof NoWorker | typeof ThreadWorker, call: () => T): T {
  const worker = Object.getOwnPropertyDescriptor(globalThis, "Worker")!;
  Object.defineProperty(globalThis, "Worker", {
    get: () => Constructor,
    set() {},
    configurable: true,
  });
  try {
    return call();
  } finally {
    Object.defineProperty(globalThis, "Worker", worker);
  }
}

async function startWorkers(pool: ThreadPool, count: number): Promise<void> {
  pool.unusedWorkers.length = 0;
  withWorker(ThreadWorker, () => {
    for (let i = 0; i < count; i++) pool.allocateUnusedWorker();
  });
  try {
    await Promise.all(pool.unusedWorkers.map((worker) =>
      new Promise<void>((resolve, reject) => {
        worker.once("error", reject);
        pool.loadWasmModuleToWorker(worker, resolve);
      })
    ));
  } catch (error) {
    for (const worker of pool.unusedWorkers) worker.terminate();
    throw error;
  }
}

/** As the package declares them where it starts a module itself. */
function functionsOf(module: WasmModule): Record<string, Numbers> {
  return {
    init: module.cwrap("init", null, []),
    initWithThreadsCount: module.cwrap("init_with_threads_count", null, ["number"]),
    getThreadsCount: module.cwrap("get_threads_count", "number", []),
    registerTensor: module.cwrap("register_tensor", null, ["number", "number", "number"]),
    disposeData: module.cwrap("dispose_data", null, ["number"]),
    dispose: module.cwrap("dispose", null, []),
  };
}
