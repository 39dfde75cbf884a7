import { expect, test } from "vitest";
import { checkAddress } from "./repository-address.ts";

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
