/**
 * The program that rechecks a data folder beside its gateway: `recheck-main DATA GATEWAY-PID`.
 *
 * It reads the folder as any reader does, on a copy while the gateway holds it. What it cannot read
 * was refused or passed over by the recovery already; a snapshot that the list does not meet is a
 * fault, and the gateway must not go on. It folds the list from as far back as there is one, so it
 * says as well what the regimes folded and published there.
 */
import { loadTerms, termsHash } from "../config/terms.ts";
import { RiskError } from "../core/errors.ts";
import { readData } from "./data-folder.ts";
import { recheck } from "./recheck.ts";
import type { Told } from "./recheck-child.ts";
import { openRecord } from "./record.ts";

const [data, gateway] = process.argv.slice(2) as [string, string];

// Ctrl-C reaches every process of the terminal; the gateway ends this one when it is done.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit());

await tell(await told());

async function told(): Promise<Told> {
  try {
    const { chains, snapshots, close } = readData(data);
    try {
      const terms = loadTerms("slidewire");
      const record = openRecord();
      const onFolded: typeof record.follow = (regimes) => {
        // While it folds it hears nothing; whose parent is gone has another.
        if (process.ppid !== Number(gateway)) process.exit();
        record.follow(regimes);
      };
      await recheck({ chains, snapshots, terms, termsHash: termsHash(terms), onFolded });
      return { record: record.columns() };
    } finally {
      close();
    }
  } catch (error) {
    // Not readable any more is not wrong: it was readable when it was recovered.
    const isWrong = !(error instanceof RiskError) || error.kind === "fault";
    return isWrong ? { fault: String(error) } : {};
  }
}

/** The process ends when this has arrived, for nothing else keeps it. */
async function tell(what: Told): Promise<void> {
  await new Promise((sent) => process.send!(what, sent));
  process.disconnect();
}
