import { bootstrapMean } from "../../base/bootstrap.ts";
import { random } from "../../base/random.ts";
import { rankCorrelation } from "../../base/rank_correlation.ts";
import type { PixelBatches } from "../../data/batches.ts";
import { tf } from "../../engine/tf.ts";
import { relevanceAtOnce } from "../../vit/attention_relevance.ts";
import type { VisionTransformer } from "../../vit/model.ts";
import { type Part, partOf, trainableNames } from "../../vit/parameters.ts";
import type { SanityFile } from "./files.ts";
import { largestAt } from "./largest.ts";
import { type Mapped, MAPS, type Maps, mapsOf } from "./maps.ts";

/** What the check is made of. */
export interface SanityCheck {
  /** Its tensors are shuffled: nobody else may need them afterwards. */
  readonly model: VisionTransformer;
  readonly images: PixelBatches;
  /** Rows of the images. */
  readonly rows: readonly number[];
  /** Share of the patches that the rollout leaves out. */
  readonly discard: number;
  readonly seed: number;
  /** Called after each pass with the number of maps done, of `total`; throws where work is to stop. */
  readonly pause: (done: number, total: number) => Promise<void>;
}

/**
 * Whether maps depend on what the model has learnt: its weights are shuffled from the head downwards,
 * part after part, and the maps of each such model are compared with those of the trained one
 * (cascading randomisation, Adebayo et al. 2018). A map that stays as it was shows the image, not the
 * model. Each tensor's numbers are put into random order: how large they are stays, what they have
 * learnt goes. Relevance stays that for the class which the trained model predicts.
 */
export async function checkSanity(check: SanityCheck): Promise<SanityFile> {
  const { model, rows, seed } = check;
  const parts = fromTheHead(model);
  const total = (parts.length + 1) * rows.length;
  const trained = await mapsOfAll(check, 0, total);
  const classes = trained.map(({ logits }) => largestAt(logits));
  /** By part, then by image. */
  const compared: { name: string; correlation: Record<keyof Maps, number>[] }[] = [];
  for (const [i, { name, tensors }] of parts.entries()) {
    for (const tensor of tensors) await shuffle(model, tensor, seed);
    const maps = await mapsOfAll(check, (i + 1) * rows.length, total, classes);
    compared.push({
      name,
      correlation: maps.map(({ maps }, image) =>
        Object.fromEntries(
          MAPS.map((map) => [map, rankCorrelation(maps[map], trained[image].maps[map])]),
        ) as Record<keyof Maps, number>
      ),
    });
  }
  return {
    images: rows.length,
    shuffled: compared.map(({ name }) => name),
    methods: MAPS.map((method) => ({
      method,
      correlation: compared.map(({ correlation }) =>
        bootstrapMean(correlation.map((of) => of[method]), random(seed, "correlation"))
      ),
    })),
  };
}

/** The model's tensors by part: norm and head, then the blocks downwards, then the embeddings. */
function fromTheHead({ config }: VisionTransformer): { name: string; tensors: string[] }[] {
  const names = trainableNames(config);
  const of = (...parts: Part[]) => names.filter((name) => parts.includes(partOf(name)));
  return [
    { name: "head", tensors: of("norm", "head") },
    ...Array.from({ length: config.blocks }, (_, i) => config.blocks - 1 - i)
      .map((block) => ({ name: `block ${block}`, tensors: of(`block ${block}`) })),
    { name: "embeddings", tensors: of("embeddings") },
  ];
}

/** Puts a tensor's numbers into random order. */
async function shuffle(model: VisionTransformer, name: string, seed: number): Promise<void> {
  const variable = model.tensor(name);
  const data = random(seed, `shuffle ${name}`).shuffle((await variable.data<"float32">()).slice());
  tf.tidy(() => variable.assign(tf.tensor(data, variable.shape)));
}

/** Maps of all images by the model as it now stands. */
async function mapsOfAll(
  { model, images, rows, discard, pause }: SanityCheck,
  done: number,
  total: number,
  classes?: readonly number[],
): Promise<Mapped[]> {
  const all: Mapped[] = [];
  const atOnce = relevanceAtOnce(model.config);
  for (let at = 0; at < rows.length; at += atOnce) {
    const some = rows.slice(at, at + atOnce);
    const { pixels } = images.read(some);
    all.push(...await mapsOf(model, pixels, some.length, discard, classes?.slice(at, at + atOnce)));
    await pause(done + all.length, total);
  }
  return all;
}
