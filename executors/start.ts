import { fileURLToPath } from "node:url";

/**
 * The one program that has to be allowed: it starts those of schedulers alone, the first argument says
 * which. Exit status 127: that one is not on the PATH.
 */
export const START = fileURLToPath(new URL("start.sh", import.meta.url));
