/** Where the C library's answer has the bit for AVX: register ecx of what may be used, bit 28. */
const ACTIVE_ECX = 24;
const AVX_BIT = 28;

/**
 * Whether this processor, and the system on it, have AVX. TensorFlow's builds for Linux x64 end the
 * process where it is missing, before any function of theirs could be asked.
 *
 * Asked of the C library (`sys/platform/x86.h`, glibc 2.33 and later): /proc/cpuinfo is not for a
 * program to read that Deno was not told to trust with everything.
 *
 * @returns undefined where the question means nothing (not Linux x64), or where nobody answers it.
 */
export function hasAvx(): boolean | undefined {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return undefined;
  try {
    const { symbols } = Deno.dlopen("libc.so.6", {
      __x86_get_cpuid_feature_leaf: { parameters: ["u32"], result: "pointer" },
    });
    const leaf = symbols.__x86_get_cpuid_feature_leaf(0);
    if (leaf === null) return undefined;
    return (new Deno.UnsafePointerView(leaf).getUint32(ACTIVE_ECX) >>> AVX_BIT & 1) === 1;
  } catch {
    return undefined; // an older C library
  }
}
