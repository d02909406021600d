/**
 * Where the C library says what a processor has: the answer's number (`CPUID_INDEX_…` in
 * `sys/platform/x86.h`), the offset of a register of what may be used in it, and the bit.
 */
interface Feature {
  readonly leaf: number;
  readonly register: number;
  readonly bit: number;
}

const [EAX, ECX, EDX] = [16, 24, 28];
const AVX: Feature = { leaf: 0, register: ECX, bit: 28 };
const AMX_BF16: Feature = { leaf: 1, register: EDX, bit: 22 };
const AVX512_BF16: Feature = { leaf: 6, register: EAX, bit: 5 };

/**
 * Whether this processor, and the system on it, have AVX. TensorFlow's builds for Linux x64 end the
 * process where it is missing, before any function of theirs could be asked.
 *
 * @returns undefined where the question means nothing (not Linux x64), or where nobody answers it.
 */
export function hasAvx(): boolean | undefined {
  return hasAny(AVX);
}

/**
 * Whether this processor, and the system on it, multiply bfloat16 numbers (AVX512-BF16 or AMX-BF16).
 * Without, TensorFlow takes many times as long for them as for float32.
 *
 * @returns as {@linkcode hasAvx}.
 */
export function hasBfloat16(): boolean | undefined {
  return hasAny(AVX512_BF16, AMX_BF16);
}

/**
 * Asked of the C library (glibc 2.33 and later): /proc/cpuinfo is not for a program to read that Deno
 * was not told to trust with everything.
 */
function hasAny(...features: Feature[]): boolean | undefined {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return undefined;
  try {
    const { symbols } = Deno.dlopen("libc.so.6", {
      __x86_get_cpuid_feature_leaf: { parameters: ["u32"], result: "pointer" },
    });
    const found = features.map(({ leaf, register, bit }) => {
      const answer = symbols.__x86_get_cpuid_feature_leaf(leaf);
      if (answer === null) return undefined;
      return (new Deno.UnsafePointerView(answer).getUint32(register) >>> bit & 1) === 1;
    });
    if (found.includes(true)) return true;
    return found.includes(undefined) ? undefined : false;
  } catch {
    return undefined; // an older C library
  }
}
