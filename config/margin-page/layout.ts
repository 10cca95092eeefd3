/**
 * How the page writes figures and tables.
 *
 * Figures are rounded to what they show, to the nearest; amounts of a statement come rounded
 * already, against the account, and are only given their thousands separators.
 */

/** A figure with `decimals` decimals and thousands separators; never "-0". */
export function figure(value: number, decimals = 2): string {
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return value.toLocaleString("en-US", options).replace(/^-(?=[0.]+$)/, "");
}

/** The same with its sign. */
export function signed(value: number, decimals = 2): string {
  const text = figure(value, decimals);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** An amount of a statement document, `"1234.50"`, with thousands separators: `1,234.50`. */
export function amount(text: string): string {
  return text.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
}

/** A fraction as percent, without needless decimals: `16.5 %`. */
export function percent(fraction: number, decimals = 2): string {
  return `${Number((100 * fraction).toFixed(decimals))} %`;
}

/**
 * A Markdown table.
 *
 * @param header its cells; a cell that ends in ":" heads a column of figures, aligned right
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rules = header.map((cell) => (cell.endsWith(":") ? "---:" : "---"));
  return [line(header.map((cell) => cell.replace(/:$/, ""))), line(rules), ...rows.map(line)].join(
    "\n",
  );
}
