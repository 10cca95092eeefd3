/** A statement for people: what is required, what is there, and where it comes from. */
type Tree = { readonly [name: string]: unknown };

const tree = (value: unknown) => (value ?? {}) as Tree;
const text = (value: unknown) => String(value ?? "");

/** The statement document as a short table, ending in a new line. */
export function statementTable(statement: Tree): string {
  const { numeraire, status, account } = statement;
  const equity = tree(statement["equity"]);
  const headroom = tree(statement["headroom"]);
  const ratio = statement["marginRatio"];
  const rows: (readonly [string, unknown, unknown])[] = [
    ["", "initial", "maintenance"],
    ["requirement", statement["initialMargin"], statement["maintenanceMargin"]],
    ["equity", equity["initial"], equity["maintenance"]],
    ["headroom", headroom["initial"], headroom["maintenance"]],
  ];
  for (const part of (statement["perUnderlying"] ?? []) as Tree[]) {
    const risk = tree(part["scanningRisk"]);
    rows.push([`scan ${text(part["underlying"])}`, risk["initial"], risk["maintenance"]]);
    for (const [name, amount] of Object.entries(tree(part["charges"]))) {
      rows.push([`  ${name}`, tree(amount)["initial"], tree(amount)["maintenance"]]);
    }
  }
  const shown = typeof ratio === "number" ? `${(100 * ratio).toFixed(2)} %` : "none";
  return [
    `${text(account)}  ${text(status)}  margin ratio ${shown}  (${text(numeraire)})`,
    ...rows.map(([name, a, b]) => name.padEnd(24) + text(a).padStart(18) + text(b).padStart(18)),
    "",
  ].join("\n");
}
