/** The terms that come with the house, by name. Each file cites its public source and date. */
import deribitPm from "./terms/deribit-pm.json" with { type: "json" };
import derivePmrm2 from "./terms/derive-pmrm2.json" with { type: "json" };
import paradexPm from "./terms/paradex-pm.json" with { type: "json" };
import slidewire from "./terms/slidewire.json" with { type: "json" };
import span16 from "./terms/span16.json" with { type: "json" };
import tims from "./terms/tims.json" with { type: "json" };

export const presets: Readonly<Record<string, unknown>> = {
  slidewire,
  "deribit-pm": deribitPm,
  "paradex-pm": paradexPm,
  span16,
  tims,
  "derive-pmrm2": derivePmrm2,
};

/** What holds where nothing is named. */
export const DEFAULT_TERMS = "slidewire";
