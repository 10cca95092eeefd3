/** A backtest in a thread of its own: it takes seconds, and the loop has none to spare. */
import { parentPort, workerData } from "node:worker_threads";
import { type BacktestInput, backtest } from "./backtest.ts";

parentPort?.postMessage(backtest(workerData as BacktestInput));
