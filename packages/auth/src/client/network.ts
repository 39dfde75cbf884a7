/**
 * What counts as one address where requests are limited: an IPv4 address, or the /64 network of an IPv6 one, any of whose
 * addresses its user may take. What is no IP address stands for itself.
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const host = URL.parse(`http://[${address}]/`)?.hostname;
  if (host === undefined) return address;
  const groups = groupsOf(host.slice(1, -1));
  // An IPv4 address as IPv6 writes it (RFC 4291 section 2.5.5.2).
  if (groups.slice(0, 6).join(":") === "0:0:0:0:0:ffff")
    return groups.slice(6).map(bytesOf).join(".");
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/** The eight groups of an address in its normal form. */
function groupsOf(address: string): readonly string[] {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  if (tail === undefined) return before;
  const after = tail === "" ? [] : tail.split(":");
  return [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
}

function bytesOf(group: string): string {
  const number = Number.parseInt(group, 16);
  return `${number >> 8}.${number & 255}`;
}
