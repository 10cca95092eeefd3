/**
 * The simulated disk: files and their names, each with a state that is written and one that is
 * safe.
 *
 * A name (made, renamed, removed) is safe once the folder was synced; content once its file was. A
 * power loss keeps what is safe and lets chance decide about the rest. Whoever has the disk open
 * holds a mount; with the process its mount dies, and code that runs on unaware writes to nothing.
 */
import type { Dice } from "./dice.ts";
import { Inode, type Loss, losses } from "./inode.ts";

/** What the disk answers as a kernel does. */
export type DiskErrorCode = "ENOSPC" | "EROFS" | "EIO" | "ENOENT";

export class DiskError extends Error {
  readonly code: DiskErrorCode;

  constructor(code: DiskErrorCode, name: string) {
    super(`${code}: ${name}`);
    this.code = code;
  }
}

/** The calls on files that a journal and its snapshots need, as a kernel answers them. */
export interface Files {
  list(): readonly string[];
  has(name: string): boolean;
  size(name: string): number;
  /** @throws DiskError ENOENT */
  read(name: string): Uint8Array;
  /** Makes an empty file, or empties the one of that name. */
  create(name: string): void;
  /**
   * Writes as much as there is room for, and says how much that was.
   *
   * @throws DiskError ENOSPC when there is no room at all, EROFS
   */
  write(name: string, bytes: Uint8Array, at: number): number;
  truncate(name: string, length: number): void;
  /** @throws DiskError EIO: what was written since the last sync is lost, whatever reads show */
  sync(name: string): void;
  rename(from: string, to: string): void;
  remove(name: string): void;
  /** Makes names durable. @throws DiskError EIO */
  syncNames(): void;
}

/** What may be wrong with the disk, from one moment to the next. */
export interface DiskFaults {
  /** Bytes that all files may have together. */
  capacityBytes: number;
  readOnly: boolean;
  /** Syncs that will fail from now on. */
  failingSyncs: number;
}

export const soundDisk = (): DiskFaults => ({
  capacityBytes: Number.POSITIVE_INFINITY,
  readOnly: false,
  failingSyncs: 0,
});

/** What a name stands for from now on; undefined: nothing. */
interface NameChange {
  readonly name: string;
  readonly inode: Inode | undefined;
}

export class Disk {
  readonly faults: DiskFaults = soundDisk();
  readonly #dice: Dice;
  #names = new Map<string, Inode>();
  #safeNames = new Map<string, Inode>();
  #changes: (readonly NameChange[])[] = [];
  #mount: Mount | undefined;
  /** Calls so far, by kind: what the simulation counts. */
  readonly calls = { write: 0, sync: 0, rename: 0 };

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** Opens the disk for one process; whoever had it open before has it no more. */
  mount(): Files {
    if (this.#mount !== undefined) this.#mount.alive = false;
    this.#mount = new Mount(this);
    return this.#mount;
  }

  /** The process ended; what it had written stays, for the machine runs on. */
  unmount(): void {
    if (this.#mount !== undefined) this.#mount.alive = false;
    this.#mount = undefined;
  }

  /** The power goes: what was not synced is lost, or torn, or there in part. */
  losePower(): Loss {
    this.unmount();
    const loss = this.#dice.pick(losses);
    const kept = loss === "nothing" ? 0 : this.#dice.below(this.#changes.length + 1);
    const names = new Map(this.#safeNames);
    for (const change of this.#changes.slice(0, kept)) apply(names, change);
    for (const inode of new Set([...this.#names.values(), ...names.values()])) {
      inode.lose(loss, this.#dice);
    }
    this.#names = names;
    this.#safeNames = new Map(names);
    this.#changes = [];
    return loss;
  }

  names(): ReadonlyMap<string, Inode> {
    return this.#names;
  }

  inode(name: string): Inode {
    const inode = this.#names.get(name);
    if (inode === undefined) throw new DiskError("ENOENT", name);
    return inode;
  }

  usedBytes(): number {
    let bytes = 0;
    for (const { length } of this.#names.values()) bytes += length;
    return bytes;
  }

  /** Changes names, all of them or none as far as a power loss goes. */
  change(...change: readonly NameChange[]): void {
    apply(this.#names, change);
    this.#changes.push(change);
  }

  syncNames(): void {
    this.#safeNames = new Map(this.#names);
    this.#changes = [];
  }
}

function apply(names: Map<string, Inode>, change: readonly NameChange[]): void {
  for (const { name, inode } of change) {
    if (inode === undefined) names.delete(name);
    else names.set(name, inode);
  }
}

class Mount implements Files {
  readonly #disk: Disk;
  alive = true;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  list(): readonly string[] {
    return [...this.#disk.names().keys()].sort();
  }

  has(name: string): boolean {
    return this.#disk.names().has(name);
  }

  size(name: string): number {
    return this.#disk.inode(name).length;
  }

  read(name: string): Uint8Array {
    return this.#disk.inode(name).read();
  }

  create(name: string): void {
    if (this.#mayWrite(name)) this.#disk.change({ name, inode: new Inode() });
  }

  write(name: string, bytes: Uint8Array, at: number): number {
    const disk = this.#disk;
    if (!this.#mayWrite(name)) return bytes.length;
    const inode = disk.inode(name);
    disk.calls.write += 1;
    const grows = Math.max(0, at + bytes.length - inode.length);
    const room = Math.max(0, disk.faults.capacityBytes - disk.usedBytes());
    const count = bytes.length - Math.max(0, grows - room);
    if (count <= 0 && bytes.length > 0) throw new DiskError("ENOSPC", name);
    inode.write(at, bytes.subarray(0, count));
    return count;
  }

  truncate(name: string, length: number): void {
    if (this.#mayWrite(name)) this.#disk.inode(name).truncate(length);
  }

  sync(name: string): void {
    const disk = this.#disk;
    if (!this.alive) return;
    disk.calls.sync += 1;
    if (disk.faults.failingSyncs > 0) {
      disk.faults.failingSyncs -= 1;
      disk.inode(name).failSync();
      throw new DiskError("EIO", name);
    }
    disk.inode(name).sync();
  }

  rename(from: string, to: string): void {
    const disk = this.#disk;
    if (!this.#mayWrite(from)) return;
    disk.calls.rename += 1;
    disk.change({ name: to, inode: disk.inode(from) }, { name: from, inode: undefined });
  }

  remove(name: string): void {
    if (!this.#mayWrite(name)) return;
    this.#disk.inode(name);
    this.#disk.change({ name, inode: undefined });
  }

  syncNames(): void {
    if (this.alive) this.#disk.syncNames();
  }

  /** False when the process is gone. @throws DiskError EROFS */
  #mayWrite(name: string): boolean {
    if (this.alive && this.#disk.faults.readOnly) throw new DiskError("EROFS", name);
    return this.alive;
  }
}
