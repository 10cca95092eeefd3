/**
 * What clients were told: the acknowledgements that no crash may take back, and the refusals.
 */
export interface Acknowledged {
  readonly account: string;
  readonly key: string;
  readonly seq: number;
  readonly version: number;
}

export class Ledger {
  readonly acknowledged = new Map<string, Acknowledged>();
  readonly refused = new Set<string>();
  /** Number of the newest acknowledged command. */
  newest = 0;

  /** Notes an answer; answers in words what is wrong with it, if anything is. */
  note(told: Acknowledged, after: number): string | undefined {
    const name = `${told.account} ${told.key}`;
    const before = this.acknowledged.get(name);
    this.newest = Math.max(this.newest, told.seq);
    if (before === undefined) {
      this.acknowledged.set(name, told);
      if (this.refused.has(name)) return `${name} was refused and then done`;
      if (told.seq > after) return undefined;
      return `${name} has number ${told.seq}, sent after number ${after} was answered`;
    }
    if (before.seq === told.seq && before.version === told.version) return undefined;
    const answers = [before, told].map(({ seq, version }) => `${seq} v${version}`);
    return `${name} was answered as ${answers.join(" and ")}`;
  }

  refuse(account: string, key: string): string | undefined {
    const name = `${account} ${key}`;
    this.refused.add(name);
    return this.acknowledged.has(name) ? `${name} was done and then refused` : undefined;
  }
}
