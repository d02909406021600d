/** What is wrong with a page, as the end of a sentence. */
export class Fault extends Error {
  override name = "Fault";
}

/**
 * Decodes parquet's hybrid of runs and packed bits: definition levels, and indices into a dictionary.
 * Whatever the bytes say, no more than `count` values are made.
 *
 * @param bits Width of a value, 0 to 32.
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE
 * @throws {Fault} if the bytes end before all values are there.
 */
export function readRuns(bytes: Uint8Array, bits: number, count: number): Uint32Array {
  const values = new Uint32Array(count);
  if (bits > 32) throw new Fault(`values of ${bits} bits`);
  if (bits === 0) return values;
  const width = Math.ceil(bits / 8);
  let at = 0;
  const next = () => {
    if (at >= bytes.length) throw new Fault("its values end too early");
    return bytes[at++];
  };
  for (let done = 0; done < count;) {
    const header = varint(next);
    if (header % 2 === 0) {
      let value = 0;
      for (let i = 0; i < width; i++) value += next() * 2 ** (8 * i);
      const end = Math.min(count, done + header / 2);
      // A run of none has no place in a file, and would let damaged ones go on for long.
      if (end === done) throw new Fault("a run of no values");
      values.fill(value, done, end);
      done = end;
    } else {
      const end = Math.min(count, done + 8 * ((header - 1) / 2));
      if (end === done) throw new Fault("a run of no values");
      done = unpack(next, bits, values, done, end);
    }
  }
  return values;
}

/** Values of `bits` bits each, the lowest bit first. The padding of the last byte is left. */
function unpack(
  next: () => number,
  bits: number,
  values: Uint32Array,
  start: number,
  end: number,
): number {
  let byte = 0;
  let left = 0;
  for (let i = start; i < end; i++) {
    let value = 0;
    for (let have = 0; have < bits;) {
      if (left === 0) {
        byte = next();
        left = 8;
      }
      const take = Math.min(left, bits - have);
      value += (byte & ((1 << take) - 1)) * 2 ** have;
      byte >>= take;
      left -= take;
      have += take;
    }
    values[i] = value;
  }
  return end;
}

/** An unsigned number of up to 32 bits, seven a byte. */
function varint(next: () => number): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = next();
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw new Fault("a length of more than 32 bits");
}
