/** The scale at the start, and how it moves: as torch.amp.GradScaler's defaults. */
const START = 65_536;
const GROW_AFTER = 2_000;
/** Below 1 it is not float16's range that is short: training diverges. */
const LEAST = 1;

/**
 * What a loss is multiplied by so that its gradients do not vanish in float16, whose smallest number is
 * 6e-8. Twice as much after 2000 good steps in a row, half after one whose gradients are not finite.
 */
export class LossScale {
  /** A power of two. */
  scale: number = START;
  /** Good steps since it last changed. */
  #good = 0;
  /** Steps in which nothing was changed. */
  skipped = 0;

  /**
   * Takes note of a step. @returns whether its gradients may be used.
   *
   * @param finite Whether the gradients are finite.
   */
  update(finite: boolean): boolean {
    if (finite) {
      if (++this.#good === GROW_AFTER) [this.scale, this.#good] = [this.scale * 2, 0];
      return true;
    }
    [this.scale, this.#good] = [this.scale / 2, 0];
    this.skipped++;
    return false;
  }

  /** Whether smaller scales do not help. */
  get exhausted(): boolean {
    return this.scale < LEAST;
  }

  /** For a checkpoint: three numbers that 32-bit floats hold exactly. */
  get state(): Float32Array<ArrayBuffer> {
    return Float32Array.of(this.scale, this.#good, this.skipped);
  }

  restore([scale, good, skipped]: ArrayLike<number> & Iterable<number>): void {
    [this.scale, this.#good, this.skipped] = [scale, good, skipped];
  }
}
