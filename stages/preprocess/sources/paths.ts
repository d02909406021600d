import { isAbsolute, join } from "node:path";

/** A path of the config made absolute: it starts from the project. */
export function resolveIn(project: string, path: string): string {
  return isAbsolute(path) ? path : join(project, path);
}
