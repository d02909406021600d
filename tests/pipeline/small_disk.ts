import { join } from "node:path";

/** A disk of its own, as small as a test wants it. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Mounts it anew with other options, its files kept: `size=1m`, `ro`. */
  remount(options: string): Promise<void>;
}

async function mount(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("mount", { args, stderr: "piped" }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}

/** @param size As mount has it: `512k`. @throws where this user may mount nothing. */
export async function smallDisk(size: string): Promise<SmallDisk> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "vitrine-disk-" }));
  await mount("-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path);
  return {
    path,
    remount: (options) => mount("-o", `remount,${options}`, path),
    async [Symbol.asyncDispose]() {
      await new Deno.Command("umount", { args: ["-l", path] }).output();
      await Deno.remove(path);
    },
  };
}

let possible: Promise<boolean> | undefined;

/** Whether small disks can be had here: mounting takes root. */
export function smallDisksWork(): Promise<boolean> {
  return possible ??= (async () => {
    try {
      await using disk = await smallDisk("64k");
      Deno.writeTextFileSync(join(disk.path, "a"), "a");
      return true;
    } catch {
      return false;
    }
  })();
}
