import { createHash } from "node:crypto";
import { concat } from "../../base/bytes.ts";
import { crc32, deflateRawSync } from "node:zlib";
import type { Wheel } from "../../engine/wheel.ts";

/** What stands in for the two libraries in tests that need no TensorFlow. */
export const FRAMEWORK = new TextEncoder().encode("the framework ".repeat(50_000));
export const CC = new TextEncoder().encode("the C API ".repeat(200_000));

/** A ZIP file (APPNOTE.TXT) with these files, deflated but for those that end in `.txt`. */
export function zip(files: Record<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [path, content] of Object.entries(files)) {
    const name = new TextEncoder().encode(path);
    const method = path.endsWith(".txt") ? 0 : 8;
    const packed = method === 8 ? deflateRawSync(content) : content;
    const common = new DataView(new ArrayBuffer(26));
    common.setUint16(0, 20, true); // version needed
    common.setUint16(4, method, true);
    common.setUint32(10, crc32(content), true);
    common.setUint32(14, packed.length, true);
    common.setUint32(18, content.length, true);
    common.setUint16(22, name.length, true);
    const fields = new Uint8Array(common.buffer);
    // The local header has an extra field that the directory does not have, as wheels may.
    const extra = Uint8Array.of(0x99, 0x99, 0, 0);
    const local = fields.slice();
    local[24] = extra.length;
    parts.push(Uint8Array.of(0x50, 0x4b, 3, 4), local, name, extra, packed);
    const rest = new DataView(new ArrayBuffer(14));
    rest.setUint32(10, offset, true);
    directory.push(
      Uint8Array.of(0x50, 0x4b, 1, 2, 20, 0),
      fields,
      new Uint8Array(rest.buffer),
      name,
    );
    offset += 4 + 26 + name.length + extra.length + packed.length;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(10, Object.keys(files).length, true);
  end.setUint32(12, directory.reduce((sum, part) => sum + part.length, 0), true);
  end.setUint32(16, offset, true);
  return concat([...parts, ...directory, new Uint8Array(end.buffer)]);
}

/** A small wheel with the two stand-ins and things that must not be unpacked. */
export function fakeWheel(): { wheel: Wheel; bytes: Uint8Array<ArrayBuffer> } {
  const bytes = zip({
    "../escaped.txt": new TextEncoder().encode("out of the folder"),
    "tensorflow/libtensorflow_framework.so.2": FRAMEWORK,
    "elsewhere/libtensorflow_cc.so.2": new TextEncoder().encode("another file of that name"),
    "tensorflow/libtensorflow_cc.so.2": CC,
    "tensorflow/readme.txt": new TextEncoder().encode("not wanted"),
  });
  const wheel: Wheel = {
    platform: "test",
    project: "tensorflow-test",
    version: "2.21.0",
    file: "tensorflow_test-2.21.0-cp311-cp311-any.whl",
    tag: "any",
    sha256: sha256(bytes),
    size: bytes.length,
    folder: "tensorflow",
    framework: { file: "libtensorflow_framework.so.2", sha256: sha256(FRAMEWORK) },
    cc: { file: "libtensorflow_cc.so.2", sha256: sha256(CC) },
  };
  return { wheel, bytes };
}

/** A Python Package Index on this machine that has one wheel, and what it was asked for. */
export function serveWheel(wheel: Wheel, bytes: Uint8Array<ArrayBuffer>): {
  index: string;
  requests: string[];
  shutdown: () => Promise<void>;
} {
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname, origin } = new URL(request.url);
    requests.push(pathname);
    if (pathname === `/pypi/${wheel.project}/${wheel.version}/json`) {
      const file = (filename: string) => ({
        filename,
        url: `${origin}/files/${filename}`,
        size: bytes.length,
        digests: { md5: "", sha256: sha256(bytes) },
      });
      return Response.json({ info: {}, urls: [file("another.whl"), file(wheel.file)] });
    }
    if (pathname === `/files/${wheel.file}`) return new Response(bytes);
    return new Response(null, { status: 404 });
  });
  return {
    index: `http://127.0.0.1:${server.addr.port}/pypi`,
    requests,
    shutdown: () => server.shutdown(),
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
