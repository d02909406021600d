/** Finds the small wheel's libraries: `find_fake_library.ts CACHE INDEX`, for tests of two at once. */
import { findLibrary } from "../../engine/library.ts";
import { pypiSource } from "../../engine/sources.ts";
import { fakeWheel } from "./fake_wheel.ts";

const [cache, index] = Deno.args;
await findLibrary(fakeWheel().wheel, { cache, sources: [pypiSource(cache, index)] });
