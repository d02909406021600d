import type { Finding } from "../../stage.ts";
import type { MovementFile } from "../movement_file.ts";
import type { DiscussionInput, Part } from "./input.ts";
import { meanInterval } from "./interval.ts";
import { list, mean, percent, pixels } from "./words.ts";

/** What fine-tuning changed. */
export const fineTuning: Part = {
  title: "What fine-tuning changed",
  find: (input) => [
    ...attentionChanged(input),
    ...(input.movement ? [weightsMoved(input.movement), ...alike(input.movement)] : []),
  ],
};

/** Changes below this, in pixels, are not told as such. */
const LEAST_CHANGE = 0.05;

function attentionChanged({ attention, measured, before }: DiscussionInput): Finding[] {
  if (before === undefined) return [];
  const changes = Array.from({ length: attention.blocks }, (_, block) =>
    meanInterval(
      measured.map((one, i) => mean(one.distance[block]) - mean(before[i].distance[block])),
    ));
  const size = ({ mean }: { mean: number }) => Math.abs(mean);
  const most = changes.reduce((best, one, i) => size(one) > size(changes[best]) ? i : best, 0);
  const same = changes.filter((one) => size(one) < LEAST_CHANGE).length;
  const source = { of: measured.length, figure: "attention-distance" };
  if (same === changes.length) {
    return [{
      text: `Attention distance is in every block the same as before, to ${LEAST_CHANGE} pixels.`,
      rule: "attention-changed",
      source: "attention.json#/before/distance",
      ...source,
    }];
  }
  const was = mean(before.map((one) => mean(one.distance[most])));
  const { mean: change, interval } = changes[most];
  return [{
    text: `Attention distance changed most in block ${most}: from ${pixels(was)} to ${
      pixels(was + change)
    }, ${change < 0 ? "nearer" : "farther"}${
      interval && interval[0] <= 0 && interval[1] >= 0 ? " (chance explains that)" : ""
    }. In ${same} of ${changes.length} blocks it is the same to ${LEAST_CHANGE} pixels.`,
    rule: "attention-changed",
    value: change,
    interval,
    source: `attention.json#/before/distance/${most}`,
    ...source,
  }];
}

/** "block 3", "the norm". */
const named = ({ part }: { part: string }) => part.startsWith("block") ? part : `the ${part}`;

function weightsMoved({ weights }: MovementFile): Finding {
  const whole = weights.filter(({ role }) => role === null);
  const still = whole.filter(({ distance }) => distance === 0);
  const moved = whole.filter(({ distance }) => distance > 0)
    .toSorted((a, b) => (b.relative ?? 0) - (a.relative ?? 0));
  const text = moved.length === 0
    ? "No weight below the head has moved."
    : `Weights moved most in ${named(moved[0])}, by ${
      percent(moved[0].relative ?? 0)
    } of their norm${
      moved.length < 2
        ? ""
        : `, least in ${named(moved.at(-1)!)}, by ${percent(moved.at(-1)!.relative ?? 0)}`
    }${still.length === 0 ? "" : `; ${still.length} of ${whole.length} parts are as they were`}.`;
  return {
    text,
    rule: "weights-moved",
    value: moved[0]?.relative ?? 0,
    figure: "weights-moved",
    source: "movement.json#/weights",
  };
}

/** Likeness from which on a block is told as computing the same. */
const SAME = 0.995;

function alike({ images, after, class_token, patches }: MovementFile): Finding[] {
  if (images === 0) return [];
  const last = after.length - 1;
  const diagonal = after.map((_, i) => class_token[i][i]);
  const same = diagonal.filter((value) => value !== null && value >= SAME).length;
  const defined = diagonal.filter((value) => value !== null).length;
  const values = [class_token[last][last], patches[last][last]];
  const told = ["class token", "mean of the patches"].flatMap((name, i) =>
    values[i] === null ? [] : [`of the ${name} ${values[i].toFixed(2)}`]
  );
  if (told.length === 0) return [];
  return [{
    text: `After the highest block, likeness (linear CKA) with what it computed before is ${
      list(told)
    }; in ${same} of the ${defined} places where the class token differs from image to image it is as before (CKA of ${SAME} and more).`,
    rule: "likeness",
    value: values[0] ?? undefined,
    of: images,
    figure: "likeness-before-after",
    source: `movement.json#/class_token/${last}/${last}`,
  }];
}
