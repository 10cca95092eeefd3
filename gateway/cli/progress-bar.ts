/**
 * A progress bar for people: one line on standard error, rewritten in place and gone when done.
 */
const WIDTH = 30;

/** What a terminal is, as far as a bar goes. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface ProgressBar {
  /** @param share done, 0 to 1 */
  tell(share: number): void;
  /** Clears the line. */
  end(): void;
}

/** Draws on `screen` when it is a terminal; a bar that is never told draws nothing. */
export function progressBar(label: string, screen: Screen): ProgressBar {
  let drawn = "";
  const draw = (line: string): void => {
    if (screen.isTTY !== true || line === drawn) return;
    screen.write(`\r\u001b[K${line}`);
    drawn = line;
  };
  return {
    tell(share) {
      const full = Math.min(WIDTH, Math.floor(WIDTH * share));
      const bar = `${"█".repeat(full)}${"░".repeat(WIDTH - full)}`;
      draw(`${label} ${bar} ${String(Math.floor(100 * Math.min(1, share))).padStart(3)} %`);
    },
    end: () => draw(""),
  };
}
