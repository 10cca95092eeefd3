/**
 * RFC 6455 by group, on a bare socket, against both transports: what must be echoed is, what breaks
 * a rule ends the connection, and the port outlives every case.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { opcodes, type RawClient, type RawFrame, rawConnect } from "./raw-client.test-kit.ts";
import { openPort, type Port, sleep, transportCases } from "./transports.test-kit.ts";

const { continuation, text, binary, close, ping, pong } = opcodes;

/** Frames sent, and what has to come of them. */
interface WireCase {
  readonly title: string;
  readonly frames: readonly RawFrame[];
  /** Echoed messages in order, or pongs; then, when `ends`, the end. */
  readonly heard: readonly string[];
  /** The connection is over, with one of these codes (1006: cut). */
  readonly ends?: readonly number[];
}

const SILENCE_MS = 300;
const PROTOCOL_ERROR = [1002, 1006];
const BAD_TEXT = [1007, 1006];
const hex = (bytes: Uint8Array | string) => Buffer.from(bytes as Uint8Array).toString("hex");
const said = (opcode: number, payload: Uint8Array | string) => `${opcode}:${hex(payload)}`;

const lengths: WireCase[] = [
  0, 1, 2, 124, 125, 126, 127, 128, 255, 256, 1_000, 16_384, 65_535, 65_536,
].flatMap((length) =>
  [text, binary].map((opcode) => ({
    title: `a message of ${length} bytes, opcode ${opcode}`,
    frames: [{ opcode, payload: "a".repeat(length) }],
    heard: [said(opcode, "a".repeat(length))],
  })),
);

const reservedOpcodes: WireCase[] = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) =>
  [true, false].flatMap((fin) =>
    ["", "a", "a".repeat(126)].map((payload) => ({
      title: `reserved opcode ${opcode}, fin ${fin}, ${payload.length} bytes`,
      frames: [{ opcode, fin, payload }],
      heard: [],
      ends: PROTOCOL_ERROR,
    })),
  ),
);

const reservedBits: WireCase[] = [text, binary, close, ping, pong].flatMap((opcode) =>
  [1, 2, 3, 4, 5, 6, 7].map((reserved) => ({
    title: `reserved bits ${reserved} on opcode ${opcode}`,
    frames: [{ opcode, reserved, payload: "ab" }],
    heard: [],
    ends: PROTOCOL_ERROR,
  })),
);

const unmasked: WireCase[] = [text, binary, ping].map((opcode) => ({
  title: `an unmasked frame of opcode ${opcode}`,
  frames: [{ opcode, payload: "ab", masked: false }],
  heard: [],
  ends: PROTOCOL_ERROR,
}));

const pings: WireCase[] = [0, 1, 2, 60, 124, 125].map((length) => ({
  title: `a ping of ${length} bytes`,
  frames: [{ opcode: ping, payload: "p".repeat(length) }],
  heard: [said(pong, "p".repeat(length))],
}));

const badControl: WireCase[] = [close, ping, pong].flatMap((opcode) => [
  {
    title: `opcode ${opcode} of 126 bytes`,
    frames: [{ opcode, payload: "p".repeat(126) }],
    heard: [],
    ends: PROTOCOL_ERROR,
  },
  {
    title: `opcode ${opcode} in fragments`,
    frames: [{ opcode, payload: "pp", fin: false }],
    heard: [],
    ends: PROTOCOL_ERROR,
  },
]);

const many = Array.from({ length: 50 }, (_, i) => `ping ${i}`);
const manyPings: WireCase[] = [
  {
    title: "fifty pings at once",
    frames: many.map((payload) => ({ opcode: ping, payload })),
    heard: many.map((payload) => said(pong, payload)),
  },
  {
    title: "fifty pongs that nobody asked for",
    frames: [
      ...many.map((payload) => ({ opcode: pong, payload })),
      { opcode: text, payload: "still" },
    ],
    heard: [said(text, "still")],
  },
];

/** `whole` cut into `count` fragments. */
function fragments(opcode: number, whole: Uint8Array, count: number): RawFrame[] {
  const size = Math.ceil(whole.length / count) || 1;
  return Array.from({ length: count }, (_, i) => ({
    opcode: i === 0 ? opcode : continuation,
    payload: whole.subarray(i * size, (i + 1) * size),
    fin: i === count - 1,
  }));
}

const euro = Buffer.from("€uro and 😀 and ordinary text".repeat(20));
// Sixty pings before the first pong has left are a flood to `ws`, and cut.
const fragmented: WireCase[] = [1, 2, 3, 4, 5, 8, 16, 22, 30, 40, 50].flatMap((count) =>
  [text, binary].flatMap((opcode) => {
    const parts = fragments(opcode, euro, count);
    const between = parts.flatMap((part, i) =>
      i === 0 ? [part] : [{ opcode: ping, payload: `${i}` }, part],
    );
    return [
      {
        title: `opcode ${opcode} in ${count} fragments`,
        frames: parts,
        heard: [said(opcode, euro)],
      },
      {
        title: `opcode ${opcode} in ${count} fragments with pings between`,
        frames: between,
        heard: [...parts.slice(1).map((_, i) => said(pong, `${i + 1}`)), said(opcode, euro)],
      },
    ];
  }),
);

const badFragments: WireCase[] = [
  ["a continuation of nothing", [{ opcode: continuation, payload: "a" }]],
  ["an open continuation of nothing", [{ opcode: continuation, payload: "a", fin: false }]],
  [
    "a text inside a text",
    [
      { opcode: text, payload: "a", fin: false },
      { opcode: text, payload: "b" },
    ],
  ],
  [
    "a binary inside a text",
    [
      { opcode: text, payload: "a", fin: false },
      { opcode: binary, payload: "b" },
    ],
  ],
  [
    "a fragment inside a fragment",
    [
      { opcode: binary, payload: "a", fin: false },
      { opcode: binary, payload: "b", fin: false },
    ],
  ],
].map(([title, frames]) => ({
  title: title as string,
  frames: frames as RawFrame[],
  heard: [],
  ends: PROTOCOL_ERROR,
}));

const goodTexts = [
  "",
  "a",
  "\u0000",
  "\u007f",
  "\u0080",
  "é",
  "\u07ff",
  "ࠀ",
  "€",
  "\ud7ff",
  "\ue000",
  "\ufdd0",
  "\ufffd",
  "\uffff",
  "😀",
  "\u{10000}",
  "\u{10ffff}",
  "κόσμε",
  "한국어",
  "\ufeffmark",
];
const goodUtf8: WireCase[] = goodTexts.map((payload, i) => ({
  title: `good text ${i}: ${hex(payload)}`,
  frames: [{ opcode: text, payload }],
  heard: [said(text, payload)],
}));

const badTexts = [
  "80",
  "bf",
  "8080",
  "c0",
  "c080",
  "c0af",
  "c1bf",
  "c2",
  "c220",
  "c3",
  "c328",
  "df",
  "e0",
  "e080",
  "e08080",
  "e09fbf",
  "e1",
  "e180",
  "e1a0",
  "e28228",
  "e2 28a1",
  "eda080",
  "edadbf",
  "edb080",
  "edbfbf",
  "eda080edb080",
  "ef",
  "efbf",
  "f0",
  "f080",
  "f0808080",
  "f08fbfbf",
  "f09f98",
  "f0288cbc",
  "f09028bc",
  "f0288c28",
  "f4908080",
  "f5808080",
  "f7bfbfbf",
  "f8888080 80",
  "fc8480808080",
  "fe",
  "ff",
  "fefeffff",
  "6180",
  "61c080",
  "cebae1bdb9cf83cebcceb5eda080656469746564",
].map((digits) => digits.replaceAll(" ", ""));
const badUtf8: WireCase[] = badTexts.flatMap((digits) => [
  {
    title: `bad text ${digits}`,
    frames: [{ opcode: text, payload: Buffer.from(digits, "hex") }],
    heard: [],
    ends: BAD_TEXT,
  },
  {
    title: `bad text ${digits} in two fragments`,
    frames: fragments(text, Buffer.from(`61${digits}61`, "hex"), 2),
    heard: [],
    ends: BAD_TEXT,
  },
]);

const closing = (code: number, reason: Uint8Array | string = ""): Buffer => {
  const bytes = Buffer.from(reason as Uint8Array);
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), bytes]);
};
const goodCloses: WireCase[] = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
].map((code) => ({
  title: `close with ${code}`,
  frames: [{ opcode: close, payload: closing(code, "bye") }],
  heard: [],
  ends: [code],
}));
const oddCloses: WireCase[] = [
  { title: "close without a code", payload: Buffer.alloc(0), ends: [1000, 1005, 1006] },
  { title: "close with half a code", payload: Buffer.from([3]), ends: PROTOCOL_ERROR },
  {
    title: "close for a bad reason",
    payload: closing(1000, Buffer.from([0xff])),
    ends: [1002, ...BAD_TEXT],
  },
  { title: "close for a long reason", payload: closing(1000, "r".repeat(123)), ends: [1000] },
  ...[0, 999, 1004, 1005, 1006, 1012, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) => ({
    title: `close with ${code}, which is no code to send`,
    payload: closing(code),
    ends: [code, 1000, 1005, ...PROTOCOL_ERROR],
  })),
].map(({ title, payload, ends }) => ({
  title,
  frames: [{ opcode: close, payload }],
  heard: [],
  ends,
}));

const afterClose: WireCase[] = [
  {
    title: "a text after a close is not answered",
    frames: [
      { opcode: close, payload: closing(1000) },
      { opcode: text, payload: "late" },
    ],
    heard: [],
    ends: [1000, 1006],
  },
];

const cases = [
  ...lengths,
  ...reservedOpcodes,
  ...reservedBits,
  ...unmasked,
  ...pings,
  ...badControl,
  ...manyPings,
  ...fragmented,
  ...badFragments,
  ...goodUtf8,
  ...badUtf8,
  ...goodCloses,
  ...oddCloses,
  ...afterClose,
];

/**
 * All that uWebSockets.js is known to be laxer in. None of it reaches a session as anything new.
 */
const laxUws: Readonly<Record<string, number | string>> = {
  // It takes the first four bytes for the mask and waits for the rest.
  "an unmasked frame of opcode 1": "silence",
  "an unmasked frame of opcode 2": "silence",
  "an unmasked frame of opcode 9": "silence",
  // It does not compare the opcodes of fragments.
  "a binary inside a text": said(binary, "ab"),
  "a fragment inside a fragment": "silence",
  // It answers a close that it does not understand with an empty one.
  "close with 3000": 1005,
  "close with 3999": 1005,
  "close with half a code": 1005,
  "close for a bad reason": 1005,
};

describe.each(transportCases)("RFC 6455 on $title", ({ transport }) => {
  const lax = transport?.name === "uws" ? laxUws : {};
  let port: Port | undefined;
  beforeAll(async () => {
    port = transport && (await openPort(transport));
  });
  afterAll(() => port?.listener.close());

  it.skipIf(transport === undefined).each(cases)(
    "$title",
    async ({ title, frames, heard, ends }) => {
      const client = await rawConnect(port!.number);
      client.send(...frames);
      expect(await messages(client, heard.length)).toEqual(heard);
      const known = lax[title];
      if (ends) expect(known === undefined ? ends : [known]).toContain(await endOf(client));
      client.destroy();
      expect(port!.faults).toEqual([]);
    },
  );

  it.skipIf(transport === undefined)("still answers after all of them", async () => {
    const client = await rawConnect(port!.number);
    client.send({ opcode: text, payload: "alive" });
    expect(await messages(client, 1)).toEqual([said(text, "alive")]);
    client.destroy();
  });
});

it("counts at least 300 cases", () => {
  expect(cases.length).toBeGreaterThanOrEqual(300);
});

async function messages(client: RawClient, count: number): Promise<string[]> {
  const heard: string[] = [];
  while (heard.length < count) {
    const frame = await client.next();
    if (frame === undefined) break;
    heard.push(said(frame.opcode, frame.payload));
  }
  return heard;
}

/** What comes last: the code of a close frame, 1006 when the line is cut, a message, or silence. */
async function endOf(client: RawClient): Promise<number | string> {
  const frame = await Promise.race([client.next(), sleep(SILENCE_MS).then(() => "silence")]);
  if (frame === undefined) return 1006;
  if (typeof frame === "string") return frame;
  if (frame.opcode !== close) return said(frame.opcode, frame.payload);
  return frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005;
}
