import fc from "fast-check";
import { expect, test } from "vitest";
import { readForm } from "./form-data.ts";

const TYPE = 'multipart/form-data; boundary="x-y"';

async function* cut(data: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

function form(file: Buffer, fields: readonly (readonly [string, string])[] = []): Buffer {
  const parts = fields.map(
    ([name, value]) =>
      `--x-y\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--x-y\r\nContent-Disposition: form-data; name="file"; filename="C:\\dir\\n.txt"\r\nContent-Type: text/plain\r\n\r\n`;
  return Buffer.concat([Buffer.from(parts.join("") + head), file, Buffer.from("\r\n--x-y--\r\n")]);
}

test("fields and file come out as they went in, however the bytes arrive", async () => {
  const bytes = fc.uint8Array({ maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(bytes, fc.integer({ min: 1, max: 50 }), async (file, size) => {
      const fields = [["Key", "a b"] as const, ["policy", "\r\n--x"] as const];
      const upload = await readForm(cut(form(Buffer.from(file), fields), size), TYPE);
      const chunks: Buffer[] = [];
      for await (const chunk of upload.content) chunks.push(chunk);
      expect(Object.fromEntries(upload.fields)).toEqual({ key: "a b", policy: "\r\n--x" });
      expect(upload.fileName).toBe("n.txt");
      expect(Buffer.concat(chunks)).toEqual(Buffer.from(file));
    }),
  );
});

test.each([
  ["no boundary", "multipart/form-data", form(Buffer.alloc(0)), "MalformedPOSTRequest"],
  ["no file", TYPE, Buffer.from("--x-y--\r\n"), "InvalidArgument"],
  ["a nameless part", TYPE, Buffer.from("--x-y\r\nA: b\r\n\r\nv"), "MalformedPOSTRequest"],
  ["a cut in a field", TYPE, form(Buffer.alloc(0), [["a", "b"]]).subarray(0, 60), "IncompleteBody"],
  [
    "fields too large",
    TYPE,
    form(Buffer.alloc(0), [["a", "b".repeat(21_000)]]),
    "MaxPostPreDataLengthExceededError",
  ],
])("a form with %s is refused", async (_, type, body, code) => {
  await expect(readForm(cut(body, 7), type)).rejects.toMatchObject({ code });
});

test("a file cut off is refused, not shortened", async () => {
  const upload = await readForm(cut(form(Buffer.from("abcdef")).subarray(0, -10), 7), TYPE);
  const read = (async () => {
    for await (const _ of upload.content);
  })();
  await expect(read).rejects.toMatchObject({ code: "IncompleteBody" });
});
