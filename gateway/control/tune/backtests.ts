/** Who runs backtests: a thread for each, one at a time and not for ever. */
import { Worker } from "node:worker_threads";
import { type Backtest, type BacktestInput, noBacktest } from "./backtest.ts";

/** How long one may take. */
export const BACKTEST_MS_MAX = 120_000;

export type Backtests = (input: BacktestInput) => Promise<Backtest>;

/** Runs in a worker thread; resolves with a remark when the thread fails or takes too long. */
export const threadedBacktests: Backtests = (input) =>
  new Promise((resolve) => {
    const file = import.meta.url.endsWith(".ts") ? "./backtest-thread.ts" : "./backtest-thread.js";
    const worker = new Worker(new URL(file, import.meta.url), { workerData: input });
    const done = (backtest: Backtest): void => {
      clearTimeout(timer);
      resolve(backtest);
      worker.terminate().catch(() => undefined);
    };
    const fail = (why: string): void => done(noBacktest(input.bars, `no study: ${why}`));
    const timer = setTimeout(() => fail(`longer than ${BACKTEST_MS_MAX} ms`), BACKTEST_MS_MAX);
    timer.unref();
    worker.once("message", done);
    worker.once("error", (error: unknown) => fail(String(error)));
    worker.once("exit", (code) => fail(`its thread ended with code ${code}`));
  });
