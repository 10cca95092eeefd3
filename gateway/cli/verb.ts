/**
 * What a verb of the command line declares: its name, its arguments and flags, and what it does.
 */
export interface FlagSpec {
  readonly kind: "text" | "number" | "switch";
  readonly meaning: string;
  /** May be given several times. */
  readonly many?: true;
}

/** Every flag that any verb knows, with one meaning each. */
export const flagSpecs = {
  port: { kind: "number", meaning: "port to listen on; 0 picks a free one (8787)" },
  host: { kind: "text", meaning: "address to listen on (127.0.0.1)" },
  data: { kind: "text", meaning: "data folder: keys, journal (./data)" },
  feed: { kind: "text", meaning: "sim, replay or push (sim)" },
  file: { kind: "text", meaning: "price file to replay, CSV or CSV.gz; with push a listing" },
  from: { kind: "text", meaning: "first day or moment to replay, 2020-03-01" },
  to: { kind: "text", meaning: "end of the replay, exclusive" },
  speed: { kind: "number", meaning: "market seconds per second (60 sim, 7200 replay, 1 push)" },
  warm: { kind: "text", meaning: "price file that warms the regime, [UNDERLYING=]FILE" },
  seed: { kind: "number", meaning: "seed of the simulated market (1)" },
  terms: {
    kind: "text",
    many: true,
    meaning: "terms: a preset's name or a file (slidewire); for study of the regime, several times",
  },
  transport: { kind: "text", meaning: "auto, uws or ws (auto)" },
  until: { kind: "text", meaning: "last Turn to fold, by number or by market time (the newest)" },
  "state-hash": { kind: "switch", meaning: "print only which state it is, as hashes" },
  principal: { kind: "text", meaning: "whom the key belongs to" },
  scopes: { kind: "text", meaning: "roles and scopes by commas: positions:write,margin:read:mm-1" },
  json: { kind: "switch", meaning: "answer and errors as JSON" },
  raw: { kind: "switch", meaning: "add the figures in float64 under `raw`" },
  "ready-json": { kind: "switch", meaning: "print one JSON line when ready" },
  url: { kind: "text", meaning: "gateway to talk to (ws://127.0.0.1:8787/ws)" },
  "key-file": { kind: "text", meaning: "file with the API key (DATA/demo-keys.json)" },
  "asset-class": { kind: "text", meaning: "crypto, equity, index, commodity, … (crypto)" },
  "test-from": { kind: "text", meaning: "first day judged, 2017-01-01" },
  series: { kind: "text", meaning: "write the series of published values to this CSV file" },
  html: { kind: "text", meaning: "write a report of one page to this file" },
  duration: { kind: "number", meaning: "seconds to run" },
  subscribers: { kind: "number", meaning: "connections to open, 1 to 5000" },
  rate: { kind: "number", meaning: "marks a second, 0.1 to 1000" },
  codec: { kind: "text", meaning: "json or msgpack (msgpack)" },
} as const satisfies Record<string, FlagSpec>;

export type FlagName = keyof typeof flagSpecs;

export interface FlagValues {
  readonly positional: readonly string[];
  text(name: FlagName): string | undefined;
  /** Every value of a flag that may be given several times, in order. */
  texts(name: FlagName): readonly string[];
  number(name: FlagName): number | undefined;
  has(name: FlagName): boolean;
}

export interface Verb {
  readonly name: string;
  /** How arguments are written in the help: "BOOK|-". */
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly FlagName[];
  /** How many arguments stand without a flag. */
  readonly positionals: readonly [min: number, max: number];
  readonly example: string;
  run(flags: FlagValues): Promise<number>;
}
