/** Characters that HFS+ passes over when it compares names (git's `is_hfs_dotgit`). */
const PASSED_OVER = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
/** What NTFS passes over at a name's end, and the beginning of a stream's name (git's `is_ntfs_dotgit`). */
const NTFS_END = /(?:[ .]+|:.*)$/;
/** The second is the short name that NTFS gives it. */
const NAMES: readonly string[] = [".git", "git~1"];
/** Most names are none at first sight. */
const MAY_BE = /^[.gG\u200c-\ufeff]/;

/**
 * Whether a name is git's own folder on some file system: `.git`, whatever its case, and what macOS and Windows take
 * for it. A project never holds one: who checks it out would run the hooks and the configuration in it.
 */
export function isGitFolder(name: string): boolean {
  if (!MAY_BE.test(name)) return false;
  const seen = name.replaceAll(PASSED_OVER, "").toLowerCase();
  return NAMES.includes(seen) || NAMES.includes(seen.replace(NTFS_END, ""));
}
