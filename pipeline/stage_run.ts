import { messageOf, UserError } from "../base/errors.ts";
import type { Checkpoint, OutputFolder, Report } from "../stages/stage.ts";
import type { StoredArtifact } from "./artifact.ts";
import { obtain, type Obtained } from "./build.ts";
import { type RunEnvironment, StageWork } from "./context.ts";
import { explainDiskError } from "./disk.ts";
import { drawFigures, type RendererSource } from "./figures.ts";
import { keyOf, type KeyRecord } from "./key.ts";
import { idOf, notBegun, type Outcome, thrownBy } from "./outcome.ts";
import { type Claim, PartsMade } from "./parts.ts";
import { whyMissing, whyNotDrawn } from "./reason.ts";
import type { ByRole } from "./roles.ts";
import type { RunFolder } from "./runfolder.ts";
import type { RunRecord } from "./schemas.ts";
import type { PlannedStage, Status } from "./types.ts";

const FETCHED = "fetched from the shared store";

/** What running a stage takes beside its inputs. */
export interface StageEnvironment extends RunEnvironment {
  readonly folder: RunFolder;
  /** The last `run.json`. */
  readonly last: RunRecord | undefined;
  readonly renderer: RendererSource;
}

/**
 * Brings one stage up to date: finds its artifact or makes it, finds its figures or draws them, and
 * shows both in the run's folder. Never throws; what goes wrong is the outcome.
 *
 * @param inputs Role to the artifact that is read there.
 */
export async function bringUpToDate(
  environment: StageEnvironment,
  stage: PlannedStage,
  inputs: ByRole<StoredArtifact>,
  force: boolean,
): Promise<Outcome> {
  const { store, shared, resolver, folder, signal, emit } = environment;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  let known: { key: string | null; record?: KeyRecord; reason: string } = { key: null, reason: "" };
  try {
    const resolved = await resolver.stage(stage, inputs, signal);
    const { record } = resolved;
    const key = await keyOf(record);
    known = { key, record, reason: "" };
    const work = new StageWork(environment, stage, inputs, force);
    const { artifact, how } = await obtain(store, record, {
      what: stage.name,
      force,
      signal,
      warn: work.report.warn,
      shared,
      progress: work.report.progress,
      onWait: (pid, host) =>
        emit({ type: "waiting", stage: stage.name, pid, host, for: stage.name }),
      build: async (scratch, damaged) => {
        const why = damaged !== undefined
          ? `its artifact was damaged: ${damaged}`
          : await whyMissing(
            stage,
            record,
            await folder.previous(stage.name),
            environment.last,
            (digest) => resolver.listing(digest),
          );
        known = { key, record, reason: force ? "forced" : why };
        emit({ type: "stage-started", stage: stage.name, ...startOf(stage, known) });
        await resolver.checkRunCode(stage); // what was edited while stages above ran
        await work.run(scratch);
        await resolver.checkRunCode(stage);
        await resolver.checkOutside(stage, resolved, signal);
        return await work.made(resolved.outside);
      },
    });
    let status: Status = folder.isPlaced(stage.name, artifact) ? "fresh" : "restored";
    if (how === "fetched") status = "restored"; // its folder may show one that was cleared away
    if (how === "built") status = work.resumedFrom === undefined ? "ran" : "resumed";
    if (status === "resumed") known.reason += `; resumed from ${work.resumedFrom}`;
    if (status === "fresh") known.reason = "nothing changed";
    if (status === "restored") known.reason = "found in the store";
    if (how === "fetched") known.reason = FETCHED;
    const outcome = { ...idOf(stage), ...known, artifact };
    try {
      const figures = await drawn(environment, stage, artifact, work.report, force, (why) => {
        if (how === "built") return;
        status = "redrawn";
        outcome.reason = why;
        emit({ type: "stage-started", stage: stage.name, ...startOf(stage, { key, reason: why }) });
      });
      if (figures?.how === "fetched" && status === "fresh") {
        status = "restored";
        outcome.reason = `its figures were ${FETCHED}`;
      }
      await folder.place(stage.name, artifact, figures?.artifact, signal);
      return { ...outcome, status, seconds: seconds() };
    } catch (error) {
      // The data is good; the run's folder shows it without pictures.
      await folder.place(stage.name, artifact, undefined);
      throw error;
    }
  } catch (error) {
    const thrown = explainDiskError(error, `finish ${stage.name}`);
    return thrownBy(stage, thrown, { ...known, seconds: seconds() }, signal);
  }
}

/**
 * Makes parts of what a stage asks for, beside other processes that make others; of the stage itself
 * nothing is published. Never throws; what goes wrong is the outcome.
 */
export async function makeStageParts(
  environment: StageEnvironment,
  stage: PlannedStage,
  inputs: ByRole<StoredArtifact>,
  claim: Claim,
): Promise<Outcome> {
  const { store, resolver, signal, emit } = environment;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const none = (reason: string) => ({
    ...notBegun(stage, "not reached", reason),
    seconds: seconds(),
  });
  let key: string | null = null;
  try {
    const { record } = await resolver.stage(stage, inputs, signal);
    key = await keyOf(record);
    await store.use(record.kind, key, signal);
    const warn = (text: string) => emit({ type: "warning", stage: stage.name, text });
    const whole = (await store.find(record.kind, key, signal)).state === "whole" ||
      await environment.shared?.peek(record.kind, key, { signal, warn }) !== undefined;
    if (whole) return none("its artifact is in the store");
    const reason = `parts for worker ${claim.slot + 1} of ${claim.of}`;
    emit({ type: "stage-started", stage: stage.name, ...startOf(stage, { key, reason }) });
    await resolver.checkRunCode(stage);
    await new StageWork(environment, stage, inputs, false, claim).run(NOWHERE);
    return none("it has nothing that is made in parts");
  } catch (error) {
    if (error instanceof PartsMade) return none(error.message);
    const thrown = explainDiskError(error, `finish ${stage.name}`);
    return thrownBy(stage, thrown, { key, reason: "", seconds: seconds() }, signal);
  }
}

function refuse(): never {
  throw new Error(
    "Cannot write yet: a stage that says it has parts asks for them before it writes",
  );
}

/** In place of scratch, which belongs to whoever makes the whole. */
const NOWHERE: { output: OutputFolder; checkpoint: Checkpoint } = {
  output: { path: "", file: refuse, json: refuse, text: refuse, bytes: refuse, take: refuse },
  checkpoint: { save: refuse, load: refuse, list: refuse, remove: refuse },
};

function startOf(stage: PlannedStage, known: { key: string | null; reason: string }) {
  return { kind: stage.definition.kind, key: known.key!, reason: known.reason };
}

/** A stage's figures from the store, or drawn. @param onDraw Called before drawing, with the reason. */
async function drawn(
  environment: StageEnvironment,
  stage: PlannedStage,
  artifact: StoredArtifact,
  { warn, progress }: Report,
  force: boolean,
  onDraw: (why: string) => void,
): Promise<Obtained | undefined> {
  const { store, shared, resolver, folder, signal, emit, renderer } = environment;
  const load = stage.definition.draw;
  if (load === undefined) return undefined;
  const record = await resolver.figures(stage, artifact);
  return await obtain(store, record, {
    what: `the figures of ${stage.name}`,
    force,
    signal,
    warn,
    shared,
    progress,
    onWait: (pid, host) => emit({ type: "waiting", stage: stage.name, pid, host, for: "figures" }),
    build: async (scratch, damaged) => {
      onDraw(
        damaged !== undefined
          ? `its figures were damaged: ${damaged}`
          : whyNotDrawn(record, await folder.previousFigures(stage.name)),
      );
      const started = new Date();
      await resolver.checkDrawCode(stage);
      const { draw } = await load();
      const names = await drawFigures(artifact, draw, renderer.load, scratch.output, signal)
        .catch((error) => {
          const known = explainDiskError(error, `draw the figures of ${stage.name}`);
          if (signal.aborted || known instanceof UserError) throw known;
          throw new Error(`Cannot draw its figures: ${messageOf(error)}`, { cause: error });
        });
      await resolver.checkDrawCode(stage);
      emit({ type: "figures", stage: stage.name, names });
      return {
        ...environment.made,
        started: started.toISOString(),
        seconds: (Date.now() - started.getTime()) / 1000,
      };
    },
  });
}
