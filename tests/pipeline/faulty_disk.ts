import { type Disk, realDisk } from "../../pipeline/disk.ts";

/** System errors as Deno words them. */
const WORDS = {
  ENOSPC: "No space left on device (os error 28)",
  EIO: "Input/output error (os error 5)",
  EACCES: "Permission denied (os error 13)",
  EMFILE: "Too many open files (os error 24)",
  /** A write that the disk took half of before it was full. */
  short: "No space left on device (os error 28)",
} as const;

export type Fault = keyof typeof WORDS;
export const FAULTS = Object.keys(WORDS) as Fault[];

/** A disk whose n-th call fails; the calls before and after it do their work. */
export class FaultyDisk {
  readonly disk: Disk;
  /** What was called so far: name of the call and its path. */
  readonly calls: string[] = [];
  readonly #failAt: number;
  readonly #fault: Fault;

  /** @param failAt Counts from 1; 0 fails none. */
  constructor(failAt = 0, fault: Fault = "EIO") {
    this.#failAt = failAt;
    this.#fault = fault;
    this.disk = this.#around(realDisk, "");
  }

  /** The call that failed. */
  get failed(): string | undefined {
    return this.calls[this.#failAt - 1];
  }

  #around<T extends object>(target: T, place: string): T {
    const names = Object.keys(target) as (keyof T & string)[];
    return Object.fromEntries(names.map((name) => {
      const call = target[name];
      // A close cannot be tried again, and its errors are those of the writes before it.
      if (typeof call !== "function" || name === "close") return [name, call];
      return [name, (...values: unknown[]) => {
        const path = place === "" ? String(values[0]) : place;
        this.calls.push(`${place === "" ? "" : "opened "}${name} '${path}'`);
        if (this.calls.length === this.#failAt) {
          if (this.#fault === "short") this.#half(name, values);
          const error = new Error(`${WORDS[this.#fault]}: ${name} '${path}'`);
          throw Object.assign(error, { code: this.#fault === "short" ? "ENOSPC" : this.#fault });
        }
        const result = call(...values);
        return name.startsWith("open") ? this.#around(result, path) : result;
      }];
    })) as T;
  }

  #half(name: string, [path, content]: unknown[]): void {
    if (name !== "write" || content === undefined) return;
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const whole = bytes as Uint8Array<ArrayBuffer>;
    realDisk.write(path as string, whole.subarray(0, whole.length >> 1));
  }
}
