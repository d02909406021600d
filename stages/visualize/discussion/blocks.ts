import { evenDistance } from "../../../vit/attention.ts";
import type { Finding } from "../../stage.ts";
import type { DiscussionInput, Part } from "./input.ts";
import { meanInterval } from "./interval.ts";
import { mean, nats, pixels } from "./words.ts";

/** Local or global, sharp or spread: from the lowest block to the highest. */
export const byBlock: Part = {
  title: "From block to block",
  find: (input) => [distance(input), heads(input), spread(input)],
};

/** Means that lie closer than this share are told as about the same. */
const SAME = 0.05;

function distance({ attention, measured }: DiscussionInput): Finding {
  const { grid, patch_size, blocks } = attention;
  const top = blocks - 1;
  const at = (block: number) => meanInterval(measured.map((one) => mean(one.distance[block])));
  const [low, high] = [at(0), at(top)];
  const change = low.mean === 0 ? 0 : high.mean / low.mean - 1;
  return {
    text: `In block 0, the lowest, a patch attends ${
      pixels(low.mean)
    } away on average, in block ${top}, the highest, ${pixels(high.mean)}: ${
      Math.abs(change) < SAME
        ? "about the same"
        : `${(100 * Math.abs(change)).toFixed(0)}% ${change > 0 ? "farther" : "nearer"}`
    }. Attending to all patches alike would give ${pixels(evenDistance(grid, patch_size))}.`,
    rule: "attention-distance",
    value: high.mean,
    interval: high.interval,
    of: measured.length,
    figure: "attention-distance",
    source: `attention.json#/distance/${top}`,
  };
}

function heads({ attention, measured }: DiscussionInput): Finding {
  const { distance, heads } = attention;
  const flat = distance.flat();
  const shortest = flat.indexOf(Math.min(...flat));
  const longest = flat.indexOf(Math.max(...flat));
  const where = (i: number) => `head ${i % heads} of block ${Math.floor(i / heads)}`;
  const widest = distance.map((row) => Math.max(...row) - Math.min(...row));
  const differ = widest.indexOf(Math.max(...widest));
  return {
    text: `The most local is ${where(shortest)} with ${pixels(flat[shortest])}, the most global ${
      where(longest)
    } with ${pixels(flat[longest])}.${
      heads === 1
        ? ""
        : ` Heads differ most in block ${differ}: by ${
          pixels(widest[differ])
        } between the nearest and the farthest looking.`
    }`,
    rule: "local-and-global-heads",
    value: flat[longest],
    of: measured.length,
    figure: "attention-distance",
    source: `attention.json#/distance/${Math.floor(longest / heads)}/${longest % heads}`,
  };
}

function spread({ attention, measured }: DiscussionInput): Finding {
  const { blocks, tokens } = attention;
  const at = (block: number) => meanInterval(measured.map((one) => mean(one.entropy[block])));
  const [low, high] = [at(0), at(blocks - 1)];
  const over = (entropy: number) => Math.exp(entropy).toFixed(0);
  return {
    text: `The entropy of attention is ${nats(low.mean)} in the lowest block and ${
      nats(high.mean)
    } in the highest: a token spreads its attention over about ${
      over(low.mean)
    } of ${tokens} tokens in the one and ${over(high.mean)} in the other.`,
    rule: "attention-spread",
    value: high.mean,
    interval: high.interval,
    of: measured.length,
    figure: "attention-entropy",
    source: `attention.json#/entropy/${blocks - 1}`,
  };
}
