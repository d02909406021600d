import { UserError } from "../base/errors.ts";
import { type CApi, cString, type Pointer, textAt } from "./capi.ts";

/** Where operations run. */
export interface Device {
  /** TensorFlow's name of it, as a C string. */
  readonly name: Uint8Array<ArrayBuffer>;
  readonly isGpu: boolean;
}

/**
 * Makes the eager context that every operation of the process runs in.
 *
 * @param threads Threads within one operation, at least 1.
 * @throws {Error} with TensorFlow's message.
 */
export function createContext(c: CApi, threads: number): { context: Pointer; device: Device } {
  const status = c.TF_NewStatus()!;
  const check = () => {
    if (c.TF_GetCode(status) !== 0) {
      throw new Error(`Cannot start TensorFlow: ${textAt(c.TF_Message(status))}`);
    }
  };
  const options = c.TFE_NewContextOptions();
  const config = sessionConfig(threads, gpuMemoryShare());
  c.TFE_ContextOptionsSetConfig(options, config, BigInt(config.length), status);
  check();
  const context = c.TFE_NewContext(options, status)!;
  check();
  c.TFE_DeleteContextOptions(options);
  const devices = c.TFE_ContextListDevices(context, status);
  check();
  let device: Device | undefined;
  for (let i = 0; i < c.TF_DeviceListCount(devices); i++) {
    const isGpu = textAt(c.TF_DeviceListType(devices, i, status)) === "GPU";
    if (device && !isGpu) continue;
    device = { name: cString(textAt(c.TF_DeviceListName(devices, i, status))), isGpu };
    if (isGpu) break;
  }
  c.TF_DeleteDeviceList(devices);
  c.TF_DeleteStatus(status);
  if (!device) throw new Error("Cannot start TensorFlow: it lists no device");
  return { context, device };
}

/**
 * Largest share of a GPU's memory that TensorFlow may take, by `VITRINE_GPU_MEMORY`; undefined: all.
 * @throws {UserError} if it is no share.
 */
export function gpuMemoryShare(text = Deno.env.get("VITRINE_GPU_MEMORY")): number | undefined {
  if (text === undefined || text === "") return undefined;
  const share = Number(text);
  if (share > 0 && share <= 1) return share;
  throw new UserError(`Cannot use VITRINE_GPU_MEMORY=${text}: it is a share of the GPU's memory`, {
    hint: "Write a number above 0 and at most 1: 0.5.",
  });
}

/**
 * A ConfigProto (tensorflow/core/protobuf/config.proto) in protocol buffers' wire format.
 * @param share Of the GPU's memory.
 */
export function sessionConfig(threads: number, share?: number): Uint8Array<ArrayBuffer> {
  const gpu = [
    ...(share === undefined ? [] : doubleField(1, share)), // per_process_gpu_memory_fraction
    ...varintField(4, 1), // allow_growth: other processes may use the GPU too
  ];
  return Uint8Array.of(
    ...varintField(2, threads), // intra_op_parallelism_threads
    ...varintField(5, 1), // inter_op_parallelism_threads: operations come one at a time
    6 << 3 | 2, // gpu_options, a message
    gpu.length,
    ...gpu,
    ...varintField(7, 1), // allow_soft_placement: what the GPU cannot do, the CPU does
  );
}

function doubleField(field: number, value: number): number[] {
  return [field << 3 | 1, ...new Uint8Array(Float64Array.of(value).buffer)]; // little-endian machines
}

function varintField(field: number, value: number): number[] {
  const bytes = [field << 3];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}
