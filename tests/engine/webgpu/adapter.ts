/** Says on standard output whether there is an adapter: `adapter.ts`. A process of its own asks. */
import { findAdapter } from "../../../engine/webgpu_adapter.ts";

console.log((await findAdapter())?.info.description ?? "");
