/**
 * The snapshots' folder on the simulated disk: the gateway's own folder, over other files.
 */
import { type Folder, type FolderDisk, openFolder } from "../../gateway/journal/folder.ts";
import { DiskError, type Files } from "./disk.ts";

export const SNAPSHOTS = "snapshots";

export function simulatedFolder(files: Files): Folder {
  return openFolder(SNAPSHOTS, folderDisk(files));
}

function folderDisk(files: Files): FolderDisk {
  return {
    async open(path, flags) {
      if (flags === "w") files.create(path);
      let position = 0;
      return {
        async write(bytes, offset, length) {
          const part = bytes.subarray(offset, offset + length);
          const bytesWritten = files.write(path, part, position);
          position += bytesWritten;
          return { bytesWritten };
        },
        async sync() {
          if (path === SNAPSHOTS) files.syncNames();
          else files.sync(path);
        },
        async close() {},
      };
    },
    rename: async (from, to) => files.rename(from, to),
    unlink: async (path) => files.remove(path),
    makeFolder: () => undefined,
    names: (path) =>
      files
        .list()
        .flatMap((name) => (name.startsWith(`${path}/`) ? [name.slice(path.length + 1)] : [])),
    read: (path) => files.read(path),
    remove(path) {
      if (!files.has(path)) throw new DiskError("ENOENT", path);
      files.remove(path);
    },
  };
}
