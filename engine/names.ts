import { cString } from "./capi.ts";

/**
 * Names of operations and attributes, and the texts in attributes that are lists, as C strings, made
 * once each and kept: TensorFlow may hold on to them, and an operation runs with the same few every
 * time.
 */
export class NamePool {
  readonly #pointers = new Map<string, Deno.PointerObject>();
  /** Holds the memory that the pointers point into. */
  readonly #bytes: Uint8Array<ArrayBuffer>[] = [];

  pointer(name: string): Deno.PointerObject {
    let pointer = this.#pointers.get(name);
    if (pointer === undefined) {
      const bytes = cString(name);
      this.#bytes.push(bytes);
      pointer = Deno.UnsafePointer.of(bytes)!;
      this.#pointers.set(name, pointer);
    }
    return pointer;
  }
}
