/**
 * From a frame to its answer: charge, decode, carry out, reply.
 *
 * Whatever a frame holds, the connection lives and gets a typed answer; only who goes on being
 * too fast in spite of thousands of refusals is closed. What is thrown that is no RiskError is a
 * defect of ours: it is reported, and the client is told no more than that.
 */
import { RiskError } from "../../core/errors.ts";
import type { Clock } from "../clock.ts";
import {
  errorReply,
  idOf,
  type RequestId,
  readRequest,
  resultReply,
} from "../protocol/envelope.ts";
import { requireFinite } from "../protocol/finite-tree.ts";
import { closeCodes, type Limits } from "../protocol/limits.ts";
import { carryOut, findMethod, type IsAccount, type Methods } from "./calls.ts";
import type { StreamMeters } from "./meters.ts";
import { type Session, sendFrame } from "./session.ts";

export interface DispatchOptions {
  readonly methods: Methods;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly meters: StreamMeters;
  readonly isAccount: IsAccount;
  /** Called after each answer, for a subscription's snapshots follow its reply. */
  flush(session: Session): void;
  fault(error: unknown): void;
}

/** A frame of this many bytes costs one more than an empty one. */
const BYTES_PER_COST = 8_192;

/** One frame on its way to its answer. */
interface Turnaround {
  readonly session: Session;
  readonly nowMs: number;
  /** Undefined on a notification, which is not answered. */
  id: RequestId | undefined;
}

/** Answers one frame; never throws. */
export function dispatch(
  options: DispatchOptions,
  session: Session,
  frame: string | Uint8Array,
): void {
  const nowMs = options.clock.now();
  const turnaround: Turnaround = { session, nowMs, id: null };
  options.meters.requests.add();
  try {
    const outcome = outcomeOf(options, turnaround, frame);
    if (outcome instanceof Promise) later(options, turnaround, outcome);
    else succeed(options, turnaround, outcome);
  } catch (error) {
    fail(options, turnaround, error);
  }
  if (session.refusals > options.limits.refusalsInARow) {
    session.socket.close(closeCodes.rate, "too many requests");
  }
}

function outcomeOf(
  { limits, methods, isAccount }: DispatchOptions,
  turnaround: Turnaround,
  frame: string | Uint8Array,
): unknown {
  const { session, nowMs } = turnaround;
  requireSize(session, frame, limits);
  // A large frame is not decoded on credit; a small one is, so that its refusal carries its id.
  const early = frame.length > limits.frameBytesBeforeAuth;
  const cost = 1 + Math.floor(frame.length / BYTES_PER_COST);
  if (early) charge(session, cost, nowMs);
  const tree = session.codec.decode(frame, limits.depth);
  turnaround.id = idOf(tree);
  if (!early) charge(session, cost, nowMs);
  const request = readRequest(tree);
  turnaround.id = request.id;
  const method = findMethod(methods, request);
  charge(session, method.spec.cost - 1, nowMs);
  if (session.pendingCalls >= limits.pendingCalls) throw tooMany("fewer calls at one time", 100);
  session.refusals = 0;
  const { caller, loopback, socket } = session;
  const call = { caller, session, remoteAddress: socket.remoteAddress, loopback, nowMs };
  return carryOut(method, request, call, isAccount);
}

function requireSize(session: Session, frame: string | Uint8Array, limits: Limits): void {
  if (session.caller !== undefined || frame.length <= limits.frameBytesBeforeAuth) return;
  throw new RiskError("limit_exceeded", {
    expected: `at most ${limits.frameBytesBeforeAuth} bytes before auth`,
    found: String(frame.length),
  });
}

function charge(session: Session, cost: number, nowMs: number): void {
  const retryAfterMs = session.allowance.spend(cost, nowMs);
  if (retryAfterMs === 0) return;
  session.refusals += 1;
  throw tooMany("fewer requests", retryAfterMs);
}

function tooMany(expected: string, retryAfterMs: number): RiskError {
  return new RiskError("rate_limited", { expected, retryAfterMs });
}

function later(options: DispatchOptions, turnaround: Turnaround, outcome: Promise<unknown>): void {
  const { session } = turnaround;
  session.pendingCalls += 1;
  void outcome
    .then(
      (result) => succeed(options, turnaround, result),
      (error: unknown) => fail(options, turnaround, error),
    )
    .finally(() => {
      session.pendingCalls -= 1;
    });
}

function succeed(options: DispatchOptions, turnaround: Turnaround, result: unknown): void {
  const { session, id, nowMs } = turnaround;
  if (id !== undefined) {
    try {
      requireFinite(result);
    } catch (error) {
      fail(options, turnaround, error);
      return;
    }
    const outMs = options.clock.now();
    send(session, resultReply(id, result, { in: micros(nowMs), out: micros(outMs) }), outMs);
  }
  options.flush(session);
}

function fail(options: DispatchOptions, { session, id, nowMs }: Turnaround, error: unknown): void {
  const refusal = toRefusal(error, options.fault);
  options.meters.refusals.add();
  if (id === undefined) return;
  const outMs = options.clock.now();
  send(session, errorReply(id, refusal, { in: micros(nowMs), out: micros(outMs) }), outMs);
}

/** What a client is told of an error; ours are reported and shown as nothing but ours. */
export function toRefusal(error: unknown, fault: (error: unknown) => void): RiskError {
  if (error instanceof RiskError && error.kind !== "fault") return error;
  fault(error);
  return error instanceof RiskError ? error : new RiskError("invariant_broken");
}

/** Microseconds, for a wire that counts in them. */
export function micros(ms: number): number {
  return Math.round(ms * 1_000);
}

function send(session: Session, reply: object, nowMs: number): void {
  if (session.socket.open) sendFrame(session, session.codec.encode(reply), nowMs);
}
