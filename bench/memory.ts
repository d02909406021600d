/**
 * Largest resident size that a process has had so far, bytes (`VmHWM` of proc(5)); null where the
 * process is gone or the system has no /proc.
 */
export function peakOf(pid: number): number | null {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

/** Looks again and again at a process and all that it has started, until it is stopped. */
export function watchPeak(pid: number, milliseconds: number): { stop(): number | null } {
  let peak: number | null = null;
  const look = () => {
    for (const each of [pid, ...descendants(pid)]) {
      const found = peakOf(each);
      if (found !== null) peak = Math.max(peak ?? 0, found);
    }
  };
  look();
  const timer = setInterval(look, milliseconds);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

function descendants(pid: number): number[] {
  try {
    const tasks = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
    const children = tasks.flatMap((task) =>
      Deno.readTextFileSync(`/proc/${pid}/task/${task}/children`).split(" ")
    ).filter((text) => text !== "").map(Number);
    return children.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}
