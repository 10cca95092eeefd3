#!/usr/bin/env node
/**
 * The command `slidewire`: sees that Node is new enough, then hands over to the command line.
 *
 * It imports nothing statically, for what lies behind does not load on an old Node: whoever starts
 * it there gets one line that says what to do.
 */
const NODE_MIN: readonly [number, number] = [22, 18];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const [needMajor, needMinor] = NODE_MIN;

if (major < needMajor || (major === needMajor && minor < needMinor)) {
  const need = `${needMajor}.${needMinor}`;
  process.stderr.write(
    `node_too_old: slidewire needs Node ${need} or newer, found ${process.versions.node}: ` +
      "run it by `npx -p node@22 -p slidewire slidewire`, or in a checkout by `npm start`\n",
  );
  process.exitCode = 2;
} else {
  const { runCli } = await import("./cli.ts");
  process.exitCode = await runCli(process.argv.slice(2), process.env);
}

export {};
