import type { StoredArtifact } from "./artifact.ts";
import type { EventSink } from "./events.ts";
import { keyOf } from "./key.ts";
import { idOf, notBegun, type Outcome, thrownBy } from "./outcome.ts";
import { whyMissing, whyNotDrawn } from "./reason.ts";
import type { SharedStore } from "./remote/shared_store.ts";
import type { Resolver } from "./resolve.ts";
import { allOf, type ByRole, mapRoles } from "./roles.ts";
import type { RunFolder } from "./runfolder.ts";
import type { Store } from "./store.ts";
import type { Plan, PlannedStage } from "./types.ts";

/** What is looked at for a preview. */
export interface PreviewEnvironment {
  readonly plan: Plan;
  readonly store: Store;
  readonly shared?: SharedStore;
  readonly resolver: Resolver;
  readonly folder: RunFolder;
  readonly emit: EventSink;
  readonly signal: AbortSignal;
}

/**
 * Says of a stage what a run would do with it. Reads the disk, asks the shared store, and writes nothing.
 *
 * @param above Outcomes of the stages that it needs, by role.
 */
export async function previewStage(
  place: PreviewEnvironment,
  stage: PlannedStage,
  above: ByRole<Outcome>,
  force: boolean,
): Promise<Outcome> {
  const { store, resolver, folder, signal } = place;
  const peek = (kind: string, key: string) => {
    const warn = (text: string) => place.emit({ type: "warning", stage: stage.name, text });
    return place.shared?.peek(kind, key, { signal, warn });
  };
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
    const there = found.state === "whole" ? undefined : await peek(stage.definition.kind, key);
    if (found.state === "missing" && there === undefined) {
      const why = await whyMissing(
        stage,
        record,
        await folder.previous(stage.name),
        folder.readRun(),
        (digest) => resolver.listing(digest),
      );
      return { ...known, status: "would run", reason: why };
    }
    if (found.state === "damaged" && there === undefined) {
      return { ...known, status: "would run", reason: `its artifact is damaged: ${found.why}` };
    }
    const artifact = there ?? (found as { artifact: StoredArtifact }).artifact;
    const elsewhere = { ...known, artifact, status: "restored" as const };
    if (stage.definition.draw !== undefined) {
      const figures = await resolver.figures(stage, artifact);
      const figuresKey = await keyOf(figures);
      if ((await store.find("figures", figuresKey, signal)).state !== "whole") {
        if (await peek("figures", figuresKey) !== undefined) {
          const what = there === undefined ? "its figures would be" : "would be";
          return { ...elsewhere, reason: `${what} fetched from the shared store` };
        }
        const why = whyNotDrawn(figures, await folder.previousFigures(stage.name));
        return { ...known, artifact, status: "would run", reason: `its figures only: ${why}` };
      }
    }
    if (there !== undefined) {
      return { ...elsewhere, reason: "would be fetched from the shared store" };
    }
    return folder.isPlaced(stage.name, artifact)
      ? { ...known, artifact, status: "fresh", reason: "nothing changed" }
      : { ...known, artifact, status: "restored", reason: "found in the store" };
  } catch (error) {
    return thrownBy(stage, error, { key: null, reason: "", seconds: 0 }, signal);
  }
}
