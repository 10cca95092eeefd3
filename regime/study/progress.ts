/** How far a study has come: passes over the bars of the file, each told now and then. */

/** Told with the share that is done, 0 to 1, ascending. */
export type OnProgress = (share: number) => void;

/** Bars between two tellings. */
export const TELL_BARS = 4_096;

/** Counts passes of `bars` bars each; the answer begins one and takes the bars done in it. */
export function passes(
  count: number,
  bars: number,
  tell: OnProgress,
): () => (done: number) => void {
  let begun = 0;
  return () => {
    const before = begun;
    begun += 1;
    return (done) => {
      if (done % TELL_BARS === 0 || done === bars) tell((before + done / bars) / count);
    };
  };
}
