/**
 * Unpacks the indices of a GIF's picture (its variant of Lempel-Ziv-Welch: codes of up to 12 bits,
 * the lowest bit first, in blocks of up to 255 bytes).
 *
 * @param start Where the byte with the code size is.
 * @param count Indices to unpack.
 * @throws {RangeError} if there are fewer, or a code that has no meaning.
 */
export function unpackLzw(file: Uint8Array, start: number, count: number): Uint8Array {
  const cut = () => new RangeError("the GIF is cut");
  if (start >= file.length) throw cut();
  const bits = file[start];
  if (!(bits >= 1 && bits <= 11)) throw new RangeError(`the GIF has codes of ${bits} bits`);
  const clear = 1 << bits;
  const before = new Int16Array(4096); // the code without its last index
  const last = new Uint8Array(4096);
  const lengths = new Uint16Array(4096).fill(1, 0, clear);
  for (let i = 0; i < clear; i++) last[i] = i;

  let at = start + 1;
  let left = 0; // bytes left in the block
  let buffer = 0;
  let held = 0; // bits in the buffer
  let width = bits + 1;
  let next = clear + 2;
  let previous = -1;
  let first = 0; // first index of the previous code
  let done = 0;
  const indices = new Uint8Array(count);
  while (done < count) {
    while (held < width) {
      if (left === 0) {
        left = file[at++] ?? 0;
        if (left === 0) throw cut();
      }
      if (at >= file.length) throw cut();
      buffer |= file[at++] << held;
      held += 8;
      left--;
    }
    const code = buffer & ((1 << width) - 1);
    buffer >>>= width;
    held -= width;
    if (code === clear) {
      [width, next, previous] = [bits + 1, clear + 2, -1];
      continue;
    }
    if (code === clear + 1) throw cut();
    const fresh = code === next && previous >= 0; // the code that this one defines
    if (code >= next && !fresh) throw new RangeError("the GIF is damaged");
    const known = fresh ? previous : code;
    const length = lengths[known];
    let walk = known;
    for (let i = done + length - 1; i >= done; i--) {
      indices[i] = last[walk]; // past the end is ignored
      if (i === done) first = last[walk];
      walk = before[walk];
    }
    done += length;
    if (fresh && done < count) indices[done] = first;
    if (fresh) done++;
    if (previous >= 0 && next < 4096) {
      before[next] = previous;
      last[next] = first;
      lengths[next] = lengths[previous] + 1;
      next++;
      if (next === 1 << width && width < 12) width++;
    }
    previous = code;
  }
  return indices;
}
