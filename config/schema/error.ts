/** The error document: one line on standard error, `error.data` on the wire, a body over HTTP. */
import { type ErrorCode, errorTable } from "../../core/errors.ts";
import { choice, flag, number, object, optional, text } from "../../core/shape.ts";

const codes = Object.keys(errorTable) as ErrorCode[];
const line = (meaning: string) => optional(text({ min: 0, max: 4_096, meaning }));
const whole = (max: number, unit: string, meaning: string) =>
  optional(number({ min: 0, max, integer: true, unit, meaning }));

export const errorShape = object({
  error: object({
    code: choice(codes, { meaning: "The contract; the text around it may change." }),
    kind: choice(["client", "market", "config", "fault"], { meaning: "Who can act on it." }),
    path: line("Where: account.positions[3].quantity."),
    expected: line("What would have been right, units included."),
    found: line("What stood there."),
    line: whole(1e12, "1-based", "Line of a file or stream."),
    retryable: optional(flag({ meaning: "The same request may succeed later, unchanged." })),
    retryAfterMs: whole(1e12, "ms", "Not before."),
  }),
});
