import sharp from "sharp";
import { createHash } from "node:crypto";
import { concat } from "../../base/bytes.ts";
import type { Contents } from "../../data/fetched.ts";
import { binaryParts, type Cifar10Source, npmParts } from "../../data/cifar10_sources.ts";

/** A tar archive of regular files, by hand: the product's reader is not its own judge. */
export function tar(files: Record<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const blocks: Uint8Array[] = [];
  for (const [name, content] of Object.entries(files)) {
    const header = new Uint8Array(512);
    const put = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
    put(0, name);
    put(100, "0000644\0");
    put(124, `${content.length.toString(8).padStart(11, "0")}\0`);
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    const sum = header.reduce((total, byte) => total + byte, 0);
    put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
    blocks.push(header, content, new Uint8Array((512 - content.length % 512) % 512));
  }
  blocks.push(new Uint8Array(1024));
  return concat(blocks);
}

export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Images a batch in the small copy of CIFAR-10 below. */
const PER_BATCH = 2;

/** Value of one byte of the small copy: batch 0 to 5, image in it, row, column, channel. */
export function pixel(batch: number, image: number, y: number, x: number, channel: number): number {
  return (batch * 40 + image * 7 + y * 3 + x * 5 + channel * 11) % 256;
}

/** Label of an image of the small copy. */
export function label(batch: number, image: number): number {
  return (batch * PER_BATCH + image) % 10;
}

function imagesOf(batch: number): Uint8Array {
  const images = new Uint8Array(PER_BATCH * 3072);
  let at = 0;
  for (let image = 0; image < PER_BATCH; image++) {
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 32; x++) {
        for (let channel = 0; channel < 3; channel++) {
          images[at++] = pixel(batch, image, y, x, channel);
        }
      }
    }
  }
  return images;
}

const labelsOf = (batch: number) => Array.from({ length: PER_BATCH }, (_, i) => label(batch, i));
const TRAIN = [0, 1, 2, 3, 4];

/** What is to be kept of the small copy. */
export const CONTENTS: Contents = Object.fromEntries(
  Object.entries({
    "train-images": concat(TRAIN.map(imagesOf)),
    "train-labels": Uint8Array.from(TRAIN.flatMap(labelsOf)),
    "test-images": imagesOf(5),
    "test-labels": Uint8Array.from(labelsOf(5)),
  }).map(([name, bytes]) => [name, { bytes: bytes.length, sha256: sha256Hex(bytes) }]),
);

/** The small copy in the form of the npm package. */
export async function npmArchive(): Promise<Uint8Array<ArrayBuffer>> {
  const files: Record<string, Uint8Array> = {
    "package/package.json": new TextEncoder().encode("{}"),
  };
  for (let batch = 0; batch < 6; batch++) {
    const name = batch < 5 ? `data_batch_${batch + 1}` : "test_batch";
    const raw = { width: 1024, height: PER_BATCH, channels: 3 } as const;
    const png = await sharp(imagesOf(batch), { raw }).png().toBuffer();
    files[`package/${name}.png`] = png;
  }
  const json = (labels: number[]) => new TextEncoder().encode(JSON.stringify(labels));
  files["package/test_lables.json"] = json(labelsOf(5));
  files["package/train_lables.json"] = json(TRAIN.flatMap(labelsOf));
  return gzip(tar(files));
}

/** The small copy in the form of the official archive: a label, then three planes. */
export function binaryArchive(): Promise<Uint8Array<ArrayBuffer>> {
  const files: Record<string, Uint8Array> = {
    "cifar-10-batches-bin/readme.html": new TextEncoder().encode("<html>"),
  };
  for (let batch = 0; batch < 6; batch++) {
    const bytes: number[] = [];
    for (let image = 0; image < PER_BATCH; image++) {
      bytes.push(label(batch, image));
      for (let channel = 0; channel < 3; channel++) {
        for (let y = 0; y < 32; y++) {
          for (let x = 0; x < 32; x++) bytes.push(pixel(batch, image, y, x, channel));
        }
      }
    }
    const name = batch < 5 ? `data_batch_${batch + 1}` : "test_batch";
    files[`cifar-10-batches-bin/${name}.bin`] = Uint8Array.from(bytes);
  }
  return gzip(tar(files));
}

/** A server on loopback that counts what it is asked for. */
export interface FakeServer extends AsyncDisposable {
  readonly requests: string[];
  /** The sources as the product has them, of this server. */
  readonly sources: Cifar10Source[];
}

/** How a server answers for one of the two archives, if not well. */
export type Fault = "missing" | "cut" | "wrong";

/** Serves both archives; `faults` by file name. */
export async function serve(faults: Record<string, Fault> = {}): Promise<FakeServer> {
  const archives: Record<string, Uint8Array<ArrayBuffer>> = {
    "npm.tgz": await npmArchive(),
    "binary.tar.gz": await binaryArchive(),
  };
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const name = new URL(request.url).pathname.slice(1);
    requests.push(name);
    if (faults[name] === "missing") return new Response(null, { status: 404 });
    const body = archives[name];
    if (faults[name] === "cut") return new Response(body.subarray(0, body.length - 100));
    if (faults[name] === "wrong") return new Response(body.map((byte) => byte ^ 1));
    return new Response(body);
  });
  const source = (file: string, name: string, parts: Cifar10Source["parts"]): Cifar10Source => ({
    name,
    file,
    parts,
    url: `http://127.0.0.1:${server.addr.port}/${file}`,
    bytes: archives[file].length,
    sha256: sha256Hex(archives[file]),
  });
  return {
    requests,
    sources: [source("npm.tgz", "npm", npmParts), source("binary.tar.gz", "official", binaryParts)],
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
