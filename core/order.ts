/**
 * The canonical order: by id, UTF-16 code unit by code unit, whatever the locale.
 *
 * Sums run in this order everywhere, because float addition does not commute: the same legs listed
 * otherwise must give the same bits.
 */
export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
