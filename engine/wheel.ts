/**
 * Where TensorFlow's libraries come from: the Python package has them built for every platform that
 * TensorFlow supports, with the C API. A wheel is a ZIP file.
 */

export const TENSORFLOW_VERSION = "2.21.0";

/** One library within a wheel. */
export interface WheelMember {
  /** Its file name, there and here. */
  readonly file: string;
  /** SHA-256 of the unpacked file, where it is known beforehand. */
  readonly sha256?: string;
}

/** A wheel that has the libraries for one platform. */
export interface Wheel {
  /** `<os>-<processor>` as Deno names them. */
  readonly platform: string;
  /** The project's name on PyPI. */
  readonly project: string;
  readonly version: string;
  readonly file: string;
  /** pip's tag of the platform. */
  readonly tag: string;
  /** SHA-256 of the wheel. Where it is missing, what PyPI says over HTTPS counts. */
  readonly sha256?: string;
  /** Bytes, roughly where it is not pinned: for the progress alone. */
  readonly size: number;
  /** The folder within the wheel. */
  readonly folder: string;
  readonly framework: WheelMember;
  readonly cc: WheelMember;
}

const WHEELS: readonly Wheel[] = [
  {
    platform: "linux-x86_64",
    project: "tensorflow-cpu",
    version: TENSORFLOW_VERSION,
    file: "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
    tag: "manylinux_2_27_x86_64",
    sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
    size: 273_829_956,
    folder: "tensorflow",
    framework: {
      file: "libtensorflow_framework.so.2",
      sha256: "f060b323b26ef80add21b9df9428de3aeaf2843d772c5bb098745f7abff3709b",
    },
    cc: {
      file: "libtensorflow_cc.so.2",
      sha256: "6505a4b9657e62100c6bdacb683957a395cb047725042945aaa50e40a71e429e",
    },
  },
  {
    // Not tried: no Mac was at hand, so its digests are not pinned here.
    platform: "darwin-aarch64",
    project: "tensorflow",
    version: TENSORFLOW_VERSION,
    file: "tensorflow-2.21.0-cp311-cp311-macosx_12_0_arm64.whl",
    tag: "macosx_12_0_arm64",
    size: 220_000_000,
    folder: "tensorflow",
    framework: { file: "libtensorflow_framework.2.dylib" },
    cc: { file: "libtensorflow_cc.2.dylib" },
  },
];

/** This machine's wheel; undefined where TensorFlow has no library for it. */
export function wheelOfThisPlatform(): Wheel | undefined {
  const platform = `${Deno.build.os}-${Deno.build.arch}`;
  return WHEELS.find((wheel) => wheel.platform === platform);
}

/** The platforms that have a wheel. */
export function nativePlatforms(): string[] {
  return WHEELS.map((wheel) => wheel.platform);
}
