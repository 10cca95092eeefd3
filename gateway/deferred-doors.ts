/**
 * The methods that change something, and the files of the record, bound before there is anything
 * behind them: until the journal is recovered they are `not_ready`, and nothing is lost by asking
 * again.
 */
import { RiskError } from "../core/errors.ts";
import type { Board } from "./board.ts";
import { systemClock } from "./clock.ts";
import { threadedBacktests } from "./control/tune/backtests.ts";
import { openTuneDesk, type TuneDesk } from "./control/tune/desk.ts";
import { tuneMethods } from "./control/tune/methods.ts";
import type { Feed } from "./feed/feed.ts";
import { clockTime, flowTime, type MarksPort, openMarksPort } from "./feed/marks-port.ts";
import type { Flow } from "./flow.ts";
import type { Gateway } from "./gateway.ts";
import type { Folder } from "./journal/folder.ts";
import type { Recordings, RegimeRecord } from "./record.ts";
import type { Method } from "./stream/calls.ts";
import { writeMethods } from "./stream/writes.ts";

export interface DeferredDoors {
  readonly methods: readonly Method[];
  readonly recordings: Recordings;
  /** From now on they act on that gateway. @param folder where approved previews are kept */
  open(gateway: Gateway, folder: Folder): void;
}

interface Behind {
  readonly flow: Flow;
  readonly desk: TuneDesk;
  readonly marks: MarksPort;
  readonly record: RegimeRecord;
}

export function deferredDoors(board: Board): DeferredDoors {
  let behind: Behind | undefined;
  const ready = (): Behind => {
    if (behind !== undefined) return behind;
    throw new RiskError("not_ready", { expected: "the journal to be recovered" });
  };
  return {
    methods: [
      ...writeMethods({
        flow: { apply: async (...of) => ready().flow.apply(...of) },
        marks: { put: (...of) => ready().marks.put(...of) },
      }),
      ...tuneMethods({ desk: () => ready().desk, board }),
    ],
    recordings: { csv: (...of) => ready().record.csv(...of) },
    open({ feed, flow, record }, folder) {
      const backtests = threadedBacktests;
      const desk = openTuneDesk({ flow, record, clock: systemClock, backtests, folder });
      const accept = flow.accept.bind(flow);
      const now = timeOf(feed, flow);
      const marks = openMarksPort({ flow, accept, now, feed });
      behind = { flow, desk, marks, record };
    },
  };
}

/** Where marks are pushed and nothing else tells the time, the clock does. */
const timeOf = (feed: Feed, flow: Flow) =>
  feed.name === "push" ? clockTime(systemClock) : flowTime(flow);
