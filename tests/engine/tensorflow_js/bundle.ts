import { build, stop } from "esbuild";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/**
 * Bundles the spec files that come in the npm package `@tensorflow/tfjs-core` into one module. They
 * are written for bundlers: their imports have no file endings and mix with `require`.
 */
export async function bundleSpecs(to: string): Promise<void> {
  const core = dirname(require.resolve("@tensorflow/tfjs-core/package.json"));
  const jasmine = dirname(require.resolve("jasmine-core/package.json"));
  await build({
    stdin: {
      contents: [
        "import 'CORE/public/chained_ops/register_all_chained_ops';",
        "import 'CORE/register_all_gradients';",
        "import { setTestEnvs } from 'CORE/jasmine_util';",
        "export { TestKernelBackend } from 'CORE/jasmine_util';",
        "export { ENGINE } from 'CORE/engine';",
        // The environments must be set before the spec files run.
        "setTestEnvs([{ name: 'test-tensorflow', backendName: 'tensorflow', flags: {}, isDataSync: true }]);",
        "require('CORE/tests');",
      ].join("\n").replaceAll("CORE", join(core, "dist")),
      resolveDir: core,
    },
    outfile: to,
    bundle: true,
    platform: "node",
    format: "cjs",
    alias: { "jasmine-core": jasmine },
    // The package's list of files with side effects does not name its spec files.
    ignoreAnnotations: true,
    external: ["node-fetch"],
    logLevel: "error",
  });
  await stop();
}
