/** Where a display writes: a terminal, a pipe, or a test's list. */
export interface Output {
  /** Never throws: when the reader has gone, what is written is lost. */
  write(text: string): void;
  /** Characters in a line; undefined where it is no terminal. */
  columns(): number | undefined;
}

/** One of the process's own streams. */
export function streamOutput(stream: typeof Deno.stdout | typeof Deno.stderr): Output {
  const encoder = new TextEncoder();
  return {
    write(text) {
      try {
        const bytes = encoder.encode(text);
        for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
      } catch {
        // `vitrine … | head`: the run goes on.
      }
    },
    columns() {
      if (!stream.isTerminal() || Deno.env.get("TERM") === "dumb") return undefined;
      try {
        return Deno.consoleSize().columns || 80; // some pseudo-terminals say 0
      } catch {
        return 80;
      }
    },
  };
}
