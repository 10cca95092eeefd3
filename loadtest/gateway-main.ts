/**
 * The gateway as a load test starts it: the command itself, which also ends when its standard input
 * does. So whatever becomes of the process that measures, none is left behind.
 */
import { runCli } from "../gateway/cli.ts";

process.stdin.once("end", () => process.kill(process.pid, "SIGTERM"));
process.stdin.resume();
// Listening for the end is no reason to stay.
process.stdin.unref();
process.exitCode = await runCli(process.argv.slice(2), process.env);
