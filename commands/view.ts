import { UserError } from "../base/errors.ts";
import type { Command, CommandLine } from "./cli.ts";
import { outputsFolder } from "./paths.ts";
import { serveView } from "./view/server.ts";

/** `deno task view`: the runs in `outputs/`, in a browser on this machine. */
export const command: Command = {
  name: "view",
  summary: "Shows the runs in outputs/ in a browser: tables, curves, progress, figures, attention",
  usage: "",
  options: [
    {
      name: "port",
      value: "N",
      range: [0, 65_535],
      description: "Port on 127.0.0.1; default: any that is free",
    },
  ],
  example: "deno task view --port 8484",
  run,
};

async function run(line: CommandLine): Promise<number> {
  const port = line.number("port") ?? 0;
  const outputs = outputsFolder();
  const view = listen(outputs, port);
  console.log(`The runs in ${outputs}, for this machine and whoever has this address:\n`);
  console.log(`  ${view.address}\n`);
  console.log("Ctrl-C ends it");
  const stop = () => void view.close();
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);
  try {
    await view.finished;
  } finally {
    Deno.removeSignalListener("SIGINT", stop);
    Deno.removeSignalListener("SIGTERM", stop);
  }
  return 0;
}

function listen(outputs: string, port: number) {
  try {
    return serveView({ outputs, port });
  } catch (cause) {
    if (cause instanceof Deno.errors.AddrInUse) {
      throw new UserError(`Cannot listen on port ${port} of 127.0.0.1: another program does`, {
        hint: "Choose another with --port N, or leave it out for any that is free.",
        cause,
      });
    }
    if (cause instanceof Deno.errors.PermissionDenied) {
      throw new UserError(`Cannot listen on port ${port} of 127.0.0.1: this user may not`, {
        hint: "Choose one from 1024 up with --port N.",
        cause,
      });
    }
    throw cause;
  }
}
