/**
 * Runs TensorFlow.js's spec files on the engine `tensorflow`; a program of its own, as Jasmine's
 * words are global. Prints its result as JSON.
 *
 *     deno run -A run.ts BUNDLE LEFT_OUT.json
 */
import { createRequire } from "node:module";
import { z } from "zod";
import { openEngine } from "../../../engine/open.ts";
import { openBinding } from "../../../engine/tensorflow.ts";
import { requireBesideKernels, tf } from "../../../engine/tf.ts";

/** What a run found. */
export const SpecResults = z.strictObject({
  /** Full names of all specs; a few bear the same name. */
  all: z.array(z.string()),
  passed: z.array(z.string()),
  failed: z.array(z.strictObject({ name: z.string(), message: z.string() })),
  leftOut: z.array(z.string()),
});

/** The specs that are not run, by reason. */
export const LeftOut = z.array(z.strictObject({ reason: z.string(), specs: z.array(z.string()) }));

/** What Jasmine says about a spec, as far as it is used here. */
interface SpecResult {
  fullName: string;
  status: "passed" | "failed" | "pending" | "excluded";
  failedExpectations: { message: string }[];
}

if (import.meta.main) {
  const [bundle, list] = Deno.args;
  const leftOut = LeftOut.parse(JSON.parse(await Deno.readTextFile(list)));
  const results = await runSpecs(bundle, new Set(leftOut.flatMap(({ specs }) => specs)));
  console.log(JSON.stringify(results));
}

async function runSpecs(
  bundle: string,
  leftOut: ReadonlySet<string>,
): Promise<z.infer<typeof SpecResults>> {
  await openEngine({ name: "tensorflow" });
  const require = createRequire(import.meta.url);
  const jasmineRequire = require("jasmine-core/lib/jasmine-core/jasmine.js");
  const jasmine = jasmineRequire.core(jasmineRequire);
  const env = jasmine.getEnv({ suppressLoadErrors: true });
  Object.assign(globalThis, jasmineRequire.interface(jasmine, env), { jasmine });

  const all: string[] = [];
  const results: SpecResult[] = [];
  env.configure({
    random: false,
    specFilter: (spec: { getFullName(): string }) => {
      all.push(spec.getFullName());
      return !leftOut.has(spec.getFullName());
    },
  });
  env.addReporter({ specDone: (result: SpecResult) => results.push(result) });
  const { ENGINE, TestKernelBackend } = require(bundle);
  if (ENGINE !== tf.engine()) throw new Error("The specs run on another engine than the kernels");
  loadKernelSpecs(TestKernelBackend);
  await env.execute();

  const names = (...status: SpecResult["status"][]) =>
    results.filter((result) => status.includes(result.status)).map((result) => result.fullName);
  return {
    all,
    passed: names("passed"),
    failed: results.filter((result) => result.status === "failed").map((result) => ({
      name: result.fullName,
      message: result.failedExpectations.map((each) => each.message).join("; "),
    })),
    leftOut: names("pending", "excluded"),
  };
}

/**
 * Loads the spec files of the package with the kernels: those of the interface to TensorFlow, with
 * our binding where they look for the compiled addon.
 */
function loadKernelSpecs(TestKernelBackend: unknown): void {
  const folder = "@tensorflow/tfjs-node-gpu/dist";
  const replaced: Record<string, unknown> = {
    "@mapbox/node-pre-gyp": { find: () => "the addon" },
    "the addon": openBinding(),
    "@tensorflow/tfjs-core/dist/jasmine_util": { TestKernelBackend },
  };
  const require = (name: string) =>
    replaced[name] ?? requireBesideKernels(name.replace(/^\.\//, `${folder}/`));
  for (const name of ["tfjs_binding", "nodejs_kernel_backend", "int64_tensors"]) {
    const path = requireBesideKernels.resolve(`${folder}/${name}_test.js`);
    new Function("require", "exports", "__dirname", Deno.readTextFileSync(path))(require, {}, "");
  }
}
