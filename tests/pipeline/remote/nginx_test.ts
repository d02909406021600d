import { deepEqual as equal, match, ok } from "node:assert/strict";
import { FRESH } from "../chain.ts";
import { contents, files, published, RAN, RESTORED, twoMachines } from "./machines.ts";
import { withNginx } from "./nginx.ts";

withNginx("nginx serves what one machine has put to another", { write: true }, async (nginx) => {
  await using machines = await twoMachines();
  const { first, second } = machines;
  const [read, write] = [{ url: nginx.url, mode: "read" }, {
    url: nginx.url,
    mode: "read-write",
  }] as const;
  equal(await first.run({ store: write }), RAN);
  equal(first.warnings(), []);
  const asked = nginx.asked();
  ok(
    asked.every((line) =>
      /^(GET|HEAD|PUT) \/store\/(ac|cas)\/[0-9a-f]{64} (200|201|404)$/.test(line)
    ),
  );
  equal(await second.run({ store: read }), RESTORED);
  equal(published(second), published(first));
  ok(nginx.asked().every((line) => /^GET .* 200$/.test(line)), "nothing is asked twice or in vain");
  equal(await second.run({ store: read }), FRESH);
  equal(await first.run({ store: write }), FRESH);
  equal(nginx.asked(), [], "what is here, or was put before, is not asked for");
});

withNginx("files of more than one piece go to nginx and back", { write: true }, async (nginx) => {
  await using machines = await twoMachines({ files: files(20_000_000) });
  const { first, second } = machines;
  await first.run({ store: { url: nginx.url, mode: "read-write" } });
  equal(first.warnings(), []);
  equal(await second.run({ store: { url: nginx.url, mode: "read" } }), { files: "restored" });
  equal(published(second), published(first));
});

withNginx(
  "two writers at once leave one whole artifact on nginx",
  { write: true },
  async (nginx) => {
    await using machines = await twoMachines({ files: files(20_000_000) });
    const { first, second } = machines;
    const write = { url: nginx.url, mode: "read-write" } as const;
    await Promise.all([first.run({ store: write }), second.run({ store: write })]);
    equal([...first.warnings(), ...second.warnings()], []);
    await Deno.remove(`${second.path}/outputs`, { recursive: true });
    equal(await second.run({ store: { url: nginx.url, mode: "read" } }), { files: "restored" });
  },
);

withNginx(
  "a server that only serves is said once, and the run goes on",
  { write: false },
  async (nginx) => {
    await using machines = await twoMachines();
    equal(await machines.first.run({ store: { url: nginx.url, mode: "read-write" } }), RAN);
    const warnings = machines.first.warnings();
    equal(warnings.length, 2, warnings.join("\n"));
    match(warnings[0], /answers 403 Forbidden to PUT\. Nothing is put there\.$/);
    match(warnings[1], /^4 artifacts were not put into the shared store http/);
    equal(contents(nginx.folder), {});
  },
);

withNginx(
  "user and password go to the server, and into no message, event or file",
  { write: true, user: `reader:${"{PLAIN}"}sesame` },
  async (nginx) => {
    await using machines = await twoMachines();
    const { first, second } = machines;
    const withUser = (user: string) => nginx.url.replace("http://", `http://${user}@`);
    equal(await first.run({ store: { url: withUser("reader:sesame"), mode: "read-write" } }), RAN);
    equal(first.warnings(), []);
    equal(await second.run({ store: { url: withUser("reader:open"), mode: "read" } }), RAN);
    equal(second.warnings().length, 1);
    match(second.warnings()[0], /answers 401 Unauthorized to GET/);
    for (const project of [first, second]) {
      const texts = [
        JSON.stringify(project.events),
        ...Object.values(contents(`${project.path}/outputs`)),
      ];
      ok(!texts.some((text) => /sesame|reader:open|cmVhZGVy/.test(text)));
    }
  },
);
