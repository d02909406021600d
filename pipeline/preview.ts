import type { StoredArtifact } from "./artifact.ts";
import { keyOf } from "./key.ts";
import { idOf, notBegun, type Outcome, thrownBy } from "./outcome.ts";
import { whyMissing, whyNotDrawn } from "./reason.ts";
import type { Resolver } from "./resolve.ts";
import { allOf, type ByRole, mapRoles } from "./roles.ts";
import type { RunFolder } from "./runfolder.ts";
import type { Store } from "./store.ts";
import type { Plan, PlannedStage } from "./types.ts";

/**
 * Says of a stage what a run would do with it. Reads the disk and writes nothing.
 *
 * @param above Outcomes of the stages that it needs, by role.
 */
export async function previewStage(
  place: { plan: Plan; store: Store; resolver: Resolver; folder: RunFolder; signal: AbortSignal },
  stage: PlannedStage,
  above: ByRole<Outcome>,
  force: boolean,
): Promise<Outcome> {
  const { store, resolver, folder, signal } = place;
  const unknown = allOf(above).find(({ artifact }) => artifact === undefined);
  if (unknown !== undefined) {
    const verb = unknown.status === "may run" ? "may run" : "would run";
    return notBegun(stage, "may run", `${unknown.name} ${verb}`);
  }
  const inputs = mapRoles(above, (outcome) => outcome.artifact as StoredArtifact);
  try {
    const { record } = await resolver.stage(stage, inputs, signal);
    const key = await keyOf(record);
    const known = { ...idOf(stage), key, record, seconds: 0 };
    if (force) return { ...known, status: "would run", reason: "forced" };
    const found = await store.find(stage.definition.kind, key, signal);
    if (found.state === "missing") {
      const why = await whyMissing(
        stage,
        record,
        await folder.previous(stage.name),
        folder.readRun(),
        (digest) => resolver.listing(digest),
      );
      return { ...known, status: "would run", reason: why };
    }
    if (found.state === "damaged") {
      return { ...known, status: "would run", reason: `its artifact is damaged: ${found.why}` };
    }
    const { artifact } = found;
    if (stage.definition.draw !== undefined) {
      const figures = await resolver.figures(stage, artifact);
      if ((await store.find("figures", await keyOf(figures), signal)).state !== "whole") {
        const why = whyNotDrawn(figures, await folder.previousFigures(stage.name));
        return { ...known, artifact, status: "would run", reason: `its figures only: ${why}` };
      }
    }
    return folder.isPlaced(stage.name, artifact)
      ? { ...known, artifact, status: "fresh", reason: "nothing changed" }
      : { ...known, artifact, status: "restored", reason: "found in the store" };
  } catch (error) {
    return thrownBy(stage, error, { key: null, reason: "", seconds: 0 }, signal);
  }
}
