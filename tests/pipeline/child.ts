// A run in a process of its own, for tests that kill it or start two at once.
import { TestProject } from "./project.ts";

const project = TestProject.open(
  Deno.env.get("TEST_PROJECT")!,
  JSON.parse(Deno.env.get("TEST_STAGES")!),
);
const store = Deno.env.get("TEST_STORE");
const statuses = await project.run({
  name: Deno.env.get("TEST_NAME"),
  store: store ? JSON.parse(store) : undefined,
});
const waited = project.events.flatMap((event) => (event.type === "waiting" ? [event.pid] : []));
console.log(JSON.stringify({ statuses, waited }));
Deno.exit(project.result.exit);
