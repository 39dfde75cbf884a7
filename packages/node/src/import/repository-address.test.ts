import { expect, test } from "vitest";
import { isPublicAddress } from "./public-address.ts";
import { checkAddress } from "./repository-address.ts";

test.each([
  ...["1.1.1.1", "8.8.8.8", "140.82.121.4", "100.63.255.255", "100.128.0.0", "172.15.0.1"],
  ...["172.32.0.1", "192.0.3.1", "223.255.255.255"],
  ...["2606:50c0:8000::153", "2a00:1450:4001::200e", "2001:200::1", "2620:4f:8000::1"],
])("%s is a public address", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  ...["0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.255"],
  ...["169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1"],
  ...["192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1"],
  ...["203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"],
  ...[
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::8.8.8.8",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
  ],
  ...["100::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:a00:1::", "3fff::1", "5f00::1"],
  ...["fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1"],
  ...["", "localhost", "1.1.1", "0x7f.1", "1.1.1.1 "],
])("%j is none", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

const check = (url: string, addresses: readonly string[] = ["140.82.121.4"], loopback = false) => {
  const asked: string[] = [];
  const resolve = async (host: string) => {
    asked.push(host);
    return addresses;
  };
  return { asked, answer: checkAddress(url, { loopback, resolve }) };
};

test("a host's addresses are looked at once, and pinned", async () => {
  const addresses = ["140.82.121.4", "2606:50c0:8000::153"];
  const { asked, answer } = check("https://GitHub.com/a/b.git", addresses);
  expect(await answer).toEqual({
    url: "https://github.com/a/b.git",
    protocol: "https",
    pinned: "github.com:443:140.82.121.4,[2606:50c0:8000::153]",
  });
  expect(asked).toEqual(["github.com"]);
  const { pinned } = await check("https://git.example.org:8443/x").answer;
  expect(pinned).toBe("git.example.org:8443:140.82.121.4");
});

test("a public address itself needs no pin", async () => {
  const { asked, answer } = check("https://140.82.121.4/a");
  expect(await answer).toEqual({ url: "https://140.82.121.4/a", protocol: "https" });
  expect(asked).toEqual([]);
});

test.each([
  [["10.0.0.5"]],
  [["140.82.121.4", "127.0.0.1"]],
  [["140.82.121.4", "fd00:ec2::254"]],
  [[]],
])("a host with the addresses %j is not asked", async (addresses) => {
  const { answer } = check("https://rebind.example/a.git", addresses);
  await expect(answer).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("not on the public internet"),
  });
});

test.each([
  ["https://localhost/a", "public internet"],
  ["https://localhost./a", "no usual name"],
  ["https://github.com./a", "no usual name"],
  ["https://-github.com/a", "no usual name"],
  ["https://+github.com/a", "no usual name"],
  ["https://*.github.com/a", "no usual name"],
  ["https://a,b.github.com/a", "no usual name"],
  ["https://127.1/a", "public internet"],
  ["https://0x7f000001/a", "public internet"],
  ["https://017700000001/a", "public internet"],
  ["https://[::1]/a", "public internet"],
  ["https://[::ffff:7f00:1]/a", "public internet"],
  ["http://127.0.0.1/a", "only https"],
  ["http://140.82.121.4/a", "only https"],
  ["git://github.com/a", "only https"],
  ["ext::sh -c id", "only https"],
  ["file:///etc/passwd", "only https"],
  ["/etc/passwd", "no URL"],
  ["git@github.com:a/b.git", "no URL"],
  ["https://user@github.com/a", "user name"],
  ["https://:token@github.com/a", "user name"],
  ["https://github.com/a?token=x", "query"],
  ["https://github.com/a#x", "fragment"],
])("%s is refused, and not repeated", async (url, said) => {
  const refused = await check(url, ["127.0.0.1"]).answer.catch((cause: unknown) => cause);
  expect(refused).toMatchObject({ code: "invalid_input", message: expect.stringContaining(said) });
  expect(String(refused)).not.toMatch(/token|user@/);
});

test("http is let in at 127.0.0.1 alone, where a setting says so", async () => {
  const local = check("http://127.0.0.1:8080/a.git", [], true);
  expect(await local.answer).toEqual({ url: "http://127.0.0.1:8080/a.git", protocol: "http" });
  for (const url of [
    "http://127.0.0.2/a",
    "http://localhost/a",
    "http://10.0.0.1/a",
    "https://127.0.0.1/a",
  ]) {
    await expect(check(url, ["127.0.0.1"], true).answer).rejects.toMatchObject({
      code: "invalid_input",
    });
  }
});
