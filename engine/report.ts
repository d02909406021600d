/** What opening an engine tells the people who wait for it. */
export interface EngineReport {
  progress(done: number, total: number, unit: string, detail?: string): void;
  /** A line that stays. */
  line(text: string): void;
}

/** Tells nobody. */
export const SILENT: EngineReport = { progress: () => {}, line: () => {} };
