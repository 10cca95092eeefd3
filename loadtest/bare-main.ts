/**
 * The baseline as a process of its own: options as JSON in its argument, one ready line, then
 * frames until it is told to stop or whoever started it is gone.
 */
import { type BareOptions, openBare } from "./bare.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as BareOptions;
const bare = await openBare(options);
process.stdout.write(`${JSON.stringify({ event: "ready", url: bare.url })}\n`);

const stop = () => void bare.close().then(() => process.exit(0));
process.once("SIGTERM", stop);
process.stdin.once("end", stop);
process.stdin.resume();
