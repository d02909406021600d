/** Where a run is shown. */
export function runLink(name: string): string {
  return `#/run?${new URLSearchParams({ name })}`;
}

/** Where runs are compared. */
export function compareLink(names: readonly string[]): string {
  return `#/compare?${new URLSearchParams(names.map((name) => ["name", name]))}`;
}

/** Where a stage's attention is explored. */
export function attentionLink(name: string, stage: string): string {
  return `#/attention?${new URLSearchParams({ name, stage })}`;
}
