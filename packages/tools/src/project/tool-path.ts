import { parsePath } from "@zenode/core";

/** A path as models write it (`.`, `./src`, `src/`, absent) as a path of the tree. @throws RefusedError `invalid_path`. */
export function toPath(text: string | undefined): string {
  const plain = (text ?? "").replace(/^(\.\/+)+/, "").replace(/\/+$/, "");
  return parsePath(plain === "." || text === "/" ? "" : plain);
}
