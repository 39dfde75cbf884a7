import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { MIB, RefusedError } from "@zenode/core";
import ignore, { type Ignore } from "ignore";

/** Later files weigh more: `.zenodeignore` can take back what `.gitignore` leaves out. */
export const IGNORE_FILES = [".gitignore", ".zenodeignore"];

const MOST_BYTES = MIB;
/** Not there, below a file, a link, a socket. */
const ABSENT = ["ENOENT", "ENOTDIR", "ELOOP", "ENXIO"];

interface Level {
  /** The directory the rules stand in, relative to the folder, "" or ending in a slash. */
  readonly base: string;
  readonly rules: Ignore;
}

/** What is left out below a directory: its own rules, then those of the directories above. */
export class IgnoreRules {
  /** Innermost first. */
  readonly #levels: readonly Level[];

  private constructor(levels: readonly Level[]) {
    this.#levels = levels;
  }

  /** Those that lie in the folder itself. */
  static async own(folder: string): Promise<IgnoreRules> {
    return new IgnoreRules([]).enter(folder, "");
  }

  /** The rules at the top of a folder, with the repository's private `.git/info/exclude`. */
  static async read(folder: string): Promise<IgnoreRules> {
    const exclude = await readRules(path.join(folder, ".git/info/exclude"));
    const levels = exclude === undefined ? [] : [toLevel("", [exclude])];
    return new IgnoreRules(levels).enter(folder, "");
  }

  /** Adds the rules of a directory; `directory` is relative, "" for the top. */
  async enter(folder: string, directory: string): Promise<IgnoreRules> {
    const files = IGNORE_FILES.map((name) => readRules(path.join(folder, directory, name)));
    const texts = (await Promise.all(files)).filter((text) => text !== undefined);
    if (texts.length === 0) return this;
    const base = directory === "" ? "" : `${directory}/`;
    return new IgnoreRules([toLevel(base, texts), ...this.#levels]);
  }

  /** The innermost rule that speaks of a path decides. A directory's path ends in a slash. */
  leavesOut(relative: string): boolean {
    for (const { base, rules } of this.#levels) {
      const { ignored, unignored } = rules.test(relative.slice(base.length));
      if (ignored || unignored) return ignored;
    }
    return false;
  }
}

function toLevel(base: string, texts: readonly string[]): Level {
  const rules = ignore();
  for (const text of texts) rules.add(text);
  return { base, rules };
}

/** As git has it (gitignore(5), NOTES): a link is not followed. What is no file, a pipe say, has no rules either. */
async function readRules(file: string): Promise<string | undefined> {
  const handle = await openRules(file);
  try {
    const facts = await handle?.stat();
    if (!handle || !facts?.isFile()) return undefined;
    if (facts.size <= MOST_BYTES) return await handle.readFile("utf8");
    throw new RefusedError("too_large", `${path.basename(file)} has over ${MOST_BYTES} bytes.`);
  } finally {
    await handle?.close();
  }
}

async function openRules(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (ABSENT.includes(code)) return undefined;
    throw error;
  }
}
