/** Text on a page: what has a meaning in HTML is written out, and figures have their units. */
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

export const escaped = (text: string): string => text.replace(/[&<>"]/g, (mark) => entities[mark]!);

/** A share as percent. */
export const percent =
  (digits: number) =>
  (share: number): string =>
    `${(100 * share).toFixed(digits)} %`;

/** A chance, to three digits. */
export const chance = (p: number): string => p.toFixed(3);

export const date = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
