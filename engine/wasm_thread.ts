/**
 * A thread of the WebAssembly module, in a worker: what the package has as
 * `tfjs-backend-wasm-threaded-simd.worker.js`, text for a browser's worker, said in Deno's terms.
 */
import { createRequire } from "node:module";
import { parentPort } from "node:worker_threads";

/** The module as a thread sees it; functions are there once its script has run. */
interface ThreadModule {
  [setting: string]: unknown;
  __emscripten_thread_init(thread: number, main: number, runtime: number, canBlock: number): void;
  __emscripten_thread_exit(status: number): void;
  __emscripten_thread_crashed?(): void;
  establishStackSpace(): void;
  invokeEntryPoint(routine: number, argument: number): void;
  executeNotifiedProxyingQueue(queue: number): void;
  PThread: { receiveObjectTransfer(data: unknown): void; threadInitTLS(): void };
}

/** What the main thread's script posts. */
type Message =
  | {
    cmd: "load";
    wasmModule: WebAssembly.Module;
    wasmMemory: WebAssembly.Memory;
    urlOrBlob: string;
  }
  | { cmd: "run"; pthread_ptr: number; start_routine: number; arg: number }
  | { cmd: "processProxyingQueue"; queue: number };

const port = parentPort!;
let module = {} as ThreadModule;
/** Calls that came before the thread ran. */
let early: number[] | undefined = [];

// The script calls these by name.
Object.assign(globalThis, {
  postMessage: (message: unknown) => port.postMessage(message),
  startWorker(instance: ThreadModule) {
    module = instance;
    port.postMessage({ cmd: "loaded" });
  },
});

port.on("message", (message: Message) => {
  try {
    if (message.cmd === "load") load(message);
    else if (message.cmd === "run") run(message);
    else if (message.cmd === "processProxyingQueue") {
      if (early) early.push(message.queue);
      else module.executeNotifiedProxyingQueue(message.queue);
    }
  } catch (error) {
    module.__emscripten_thread_crashed?.();
    throw error;
  }
});

function load({ wasmModule, wasmMemory, urlOrBlob }: Message & { cmd: "load" }): void {
  Object.assign(module, {
    wasmMemory,
    buffer: wasmMemory.buffer,
    ENVIRONMENT_IS_PTHREAD: true,
    instantiateWasm(
      imports: WebAssembly.Imports,
      receive: (instance: WebAssembly.Instance) => void,
    ) {
      const instance = new WebAssembly.Instance(wasmModule, imports);
      receive(instance);
      return instance.exports;
    },
  });
  createRequire(import.meta.url)(urlOrBlob)(module);
}

function run({ pthread_ptr, start_routine, arg }: Message & { cmd: "run" }): void {
  module.__emscripten_thread_init(pthread_ptr, 0, 0, 1);
  module.establishStackSpace();
  module.PThread.receiveObjectTransfer(undefined);
  module.PThread.threadInitTLS();
  early?.forEach((queue) => module.executeNotifiedProxyingQueue(queue));
  early = undefined;
  try {
    module.invokeEntryPoint(start_routine, arg);
  } catch (error) {
    if (error !== "unwind") throw error; // "unwind": it goes on by events
  }
}
