import { expect, test } from "vitest";
import { hostAddresses } from "./host-addresses.ts";

const PUBLIC = ["140.82.121.4", "2606:50c0:8000::153"];

function look(url: string, addresses: readonly string[] = PUBLIC, loopback = false) {
  const asked: string[] = [];
  const resolve = async (host: string) => {
    asked.push(host);
    return addresses;
  };
  return { asked, answer: hostAddresses(new URL(url), { loopback, resolve }) };
}

test("a host's addresses are looked up once, and all of them are given", async () => {
  const { asked, answer } = look("https://app.example.com/client");
  expect(await answer).toEqual(["140.82.121.4", "2606:50c0:8000::153"]);
  expect(asked).toEqual(["app.example.com"]);
});

test.each([
  ...["10.0.0.5", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3"],
  ...["169.254.169.254", "169.254.170.2", "172.16.0.1", "192.168.0.1", "192.0.0.192", "198.18.0.1"],
  ...["224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::7f00:1"],
  ...["::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001::1"],
  ...["fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "ff02::1"],
  ...["", "app.example.com", "2130706433", "127.1"],
])("a host at %j is not asked, not even if it has public addresses too", async (address) => {
  const refusal = { code: "invalid_input", message: expect.stringContaining("public internet") };
  for (const addresses of [[address], [...PUBLIC, address], [address, ...PUBLIC]]) {
    const { answer } = look("https://rebind.example.com/client", addresses);
    await expect(answer).rejects.toMatchObject(refusal);
  }
});

test("a host without addresses is not asked", async () => {
  const { answer } = look("https://app.example.com/client", []);
  await expect(answer).rejects.toMatchObject({ code: "invalid_input" });
});

test.each([
  "https://127.0.0.1/client",
  "https://169.254.169.254/client",
  "https://[::1]/client",
  "https://[fd00:ec2::254]/client",
  "https://[2606:50c0:8000::153]/client",
  "http://app.example.com/client",
  "http://127.0.0.1/client",
  "file:///etc/passwd",
  "ftp://app.example.com/client",
])("%s is refused without a look-up", async (url) => {
  const { asked, answer } = look(url);
  await expect(answer).rejects.toMatchObject({ code: "invalid_input" });
  expect(asked).toEqual([]);
});

test("a setting lets in what is at 127.0.0.1, and nothing beside it", async () => {
  expect(await look("http://127.0.0.1:80/client", [], true).answer).toEqual(["127.0.0.1"]);
  expect(await look("https://app.example.com/x", ["127.0.0.1"], true).answer).toEqual([
    "127.0.0.1",
  ]);
  for (const [url, address] of [
    ["http://app.example.com/client", "127.0.0.1"],
    ["http://127.0.0.2/client", "127.0.0.1"],
    ["http://localhost/client", "127.0.0.1"],
    ["https://app.example.com/client", "127.0.0.2"],
    ["https://app.example.com/client", "::1"],
    ["https://app.example.com/client", "10.0.0.1"],
  ] as const) {
    await expect(look(url, [address], true).answer).rejects.toMatchObject({
      code: "invalid_input",
    });
  }
});

test("a name that nobody has is no lasting refusal", async () => {
  const url = new URL("https://no-such-host.invalid/client");
  await expect(hostAddresses(url, { loopback: false })).rejects.toMatchObject({
    code: "unavailable",
  });
});
