import { join } from "node:path";
import { cacheFolder } from "../base/cache.ts";
import { exists } from "../base/exists.ts";

/** A peer that can't be had, and why: it is left out, and the table says so. */
export class Missing extends Error {
  override name = "Missing";
}

/** Packages of the interpreter that PyTorch is measured in. */
const PYTORCH = ["torch==2.13.0", "transformers==5.18.0", "numpy", "pillow", "safetensors"];
const DVC = ["dvc==3.67.1"];
const WIREIT = "wireit@0.14.13";
/** Wheels without CUDA are some tenth of the size; asked in addition to the user's own index. */
const CPU_WHEELS = "https://download.pytorch.org/whl/cpu";

/** Where the peers are, found or installed when the first row asks for them. */
export class Peers {
  readonly #options: PeerOptions;
  readonly #found = new Map<string, Promise<string>>();

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  /** An interpreter that has torch and transformers. @throws {Missing} */
  python(): Promise<string> {
    return this.#once("python", async () => {
      const { python } = this.#options;
      const check = "import torch, transformers, PIL";
      if (python !== undefined) {
        if (await works([python, "-c", check])) return python;
        throw new Missing(`${python} does not have torch, transformers and Pillow`);
      }
      return await this.#environment("python", PYTORCH, check, ["--extra-index-url", CPU_WHEELS]);
    });
  }

  /** The program `dvc`. @throws {Missing} */
  dvc(): Promise<string> {
    return this.#once("dvc", async () => {
      const python = await this.#environment("dvc", DVC, "import dvc", []);
      return join(python, "..", "dvc");
    });
  }

  /** The program `wireit`, and a Node.js that runs it. @throws {Missing} */
  wireit(): Promise<string> {
    return this.#once("wireit", async () => {
      const folder = join(this.#folder(), "wireit");
      const program = join(folder, "node_modules", ".bin", "wireit");
      if (exists(program)) return program;
      if (!await works(["npm", "--version"])) throw new Missing("there is no npm");
      this.#options.say(`installing ${WIREIT} into ${folder}`);
      await Deno.mkdir(folder, { recursive: true });
      await run(["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", WIREIT]);
      return program;
    });
  }

  #once(name: string, find: () => Promise<string>): Promise<string> {
    if (this.#options.alone) return Promise.reject(new Missing("--alone"));
    const found = this.#found.get(name) ?? find();
    this.#found.set(name, found);
    return found;
  }

  #folder(): string {
    return join(cacheFolder(), "bench");
  }

  /** A virtual environment of our own, made where it is not there yet. @returns its interpreter. */
  async #environment(
    name: string,
    packages: readonly string[],
    check: string,
    pip: readonly string[],
  ): Promise<string> {
    const folder = join(this.#folder(), name);
    const own = Deno.build.os === "windows"
      ? join(folder, "Scripts", "python.exe")
      : join(folder, "bin", "python");
    if (await works([own, "-c", check])) return own;
    const system = await works(["python3", "--version"]) ? "python3" : undefined;
    if (system === undefined) throw new Missing("there is no python3");
    this.#options.say(`installing ${packages.join(" ")} into ${folder}`);
    await run([system, "-m", "venv", "--clear", folder]);
    await run([own, "-m", "pip", "install", "--quiet", "--retries", "1", ...pip, ...packages]);
    if (await works([own, "-c", check])) return own;
    throw new Missing(`${folder} does not work`);
  }
}

/** What is said of the peers on the command line. */
export interface PeerOptions {
  /** An interpreter to take as it is. */
  readonly python?: string;
  /** Without any. */
  readonly alone: boolean;
  /** Told what is being installed. */
  say(text: string): void;
}

async function works(command: readonly string[]): Promise<boolean> {
  try {
    const { success } = await start(command);
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function run(command: readonly string[]): Promise<void> {
  const { success, stderr } = await start(command);
  if (success) return;
  const last = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Missing(`${command.slice(0, 4).join(" ")} … failed: ${last}`);
}

function start(command: readonly string[]): Promise<Deno.CommandOutput> {
  const [program, ...args] = command;
  return new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "piped" })
    .output();
}
