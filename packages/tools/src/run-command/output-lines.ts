import type { SandboxedProcess } from "@zenode/core";

/** A longer line is told in pieces. */
const LINE_CHARACTERS = 8_192;

export interface OutputLine {
  readonly text: string;
  /** Of what the command wrote. */
  readonly bytes: number;
}

/** Hands over both outputs of a command line by line, as they come; lines of standard error are marked. */
export async function readLines(
  { stdout, stderr }: Pick<SandboxedProcess, "stdout" | "stderr">,
  take: (line: OutputLine) => void,
): Promise<void> {
  await Promise.all([
    split(stdout, (text, bytes) => take({ text, bytes })),
    split(stderr, (text, bytes) => take({ text: `[stderr] ${text}`, bytes })),
  ]);
}

async function split(
  stream: AsyncIterable<Uint8Array>,
  take: (text: string, bytes: number) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  let bytes = 0;
  const tell = (text: string) => {
    take(text.endsWith("\r") ? text.slice(0, -1) : text, bytes);
    bytes = 0;
  };
  for await (const chunk of stream) {
    bytes += chunk.length;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) tell(line);
    for (; rest.length > LINE_CHARACTERS; rest = rest.slice(LINE_CHARACTERS)) {
      tell(rest.slice(0, LINE_CHARACTERS));
    }
  }
  rest += decoder.decode();
  if (rest !== "" || bytes > 0) tell(rest);
}
