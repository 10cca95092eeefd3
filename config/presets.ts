/** The terms that come with the house, by name. Each file cites its public source and date. */
import slidewire from "./terms/slidewire.json" with { type: "json" };

export const presets: Readonly<Record<string, unknown>> = { slidewire };

/** What holds where nothing is named. */
export const DEFAULT_TERMS = "slidewire";
