import { startHeaderProxy } from "../../conformance/header-proxy.ts";
import { complaintsIn, runScript } from "../command.ts";
import { clientScript } from "../install.ts";
import {
  expectReport,
  expectTools,
  expectWhoami,
  type InteropClient,
  type OpenClient,
  type Target,
} from "../interop-client.ts";
import { ZENODE } from "../zenode.ts";

const ERAS = ["legacy", "auto", "modern"] as const;

/** The Inspector's command line. It connects anew for each step, so it has no step of its own for that. */
export const inspector: readonly InteropClient[] = [
  ...ERAS.map((era) => ({
    name: `Inspector ${era}`,
    open: (target: Target) => openInspector(target, era, httpWords(target)),
  })),
  ...(["legacy", "modern"] as const).map((era) => ({
    name: `Inspector stdio ${era}`,
    open: (target: Target) => openInspector(target, era, stdioWords(target)),
  })),
];

interface Place {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** An endpoint, whose requests can be listened to. */
  readonly isHttp: boolean;
}

function httpWords({ mcpUrl, token }: Target): Place {
  return {
    before: [mcpUrl, "--header", `Authorization: Bearer ${token}`],
    after: [],
    isHttp: true,
  };
}

function stdioWords({ folder }: Target): Place {
  const server = [process.execPath, ZENODE, "stdio", "--folder", folder];
  return { before: [], after: ["--", ...server], isHttp: false };
}

function openInspector(target: Target, era: string, place: Place): OpenClient {
  const complaints: string[] = [];
  const ask = async ({ before, after }: Place, ...words: string[]): Promise<Result> => {
    const method = ["--protocol-era", era, "--format", "json", "--method", ...words];
    const script = clientScript("@modelcontextprotocol/inspector/clients/launcher/build/index.js");
    const said = await runScript(script, ["--cli", ...before, ...method, ...after], target);
    complaints.push(...complaintsIn(said.stderr));
    return (JSON.parse(said.stdout) as { result: Result }).result;
  };
  const callTool = (at: Place, name: string, ...words: string[]) =>
    ask(at, "tools/call", "--tool-name", name, ...words);
  return {
    steps: {
      async list() {
        // --strict fails on tool schemas that some client would not take.
        const { tools } = await ask(place, "tools/list", "--strict");
        expectTools(
          target,
          (tools ?? []).map(({ name }) => name),
        );
      },
      call: async () => expectWhoami((await callTool(place, "whoami")).structuredContent),
      async burst() {
        const report = (at: Place) =>
          callTool(at, "workspace_report", "--tool-arg", `top=${target.top}`);
        const answer =
          place.isHttp && era !== "legacy"
            ? await asTask(target, place, report)
            : await report(place);
        expectReport(target, answer.structuredContent);
      },
    },
    complaints: () => complaints,
    close: async () => undefined,
  };
}

interface Result {
  readonly tools?: readonly { readonly name: string }[];
  readonly structuredContent?: unknown;
}

/** The Inspector declares the tasks extension: the call must have become a task, and been asked for. */
async function asTask(
  { mcpUrl }: Target,
  place: Place,
  report: (at: Place) => Promise<Result>,
): Promise<Result> {
  const methods: string[] = [];
  const proxy = await startHeaderProxy(new URL(mcpUrl), new Map(), ({ headers }) =>
    methods.push(headers.get("mcp-method") ?? ""),
  );
  try {
    const [, ...rest] = place.before;
    const answer = await report({ ...place, before: [`${proxy.origin}/mcp`, ...rest] });
    if (methods.includes("tasks/get")) return answer;
    throw new Error(`The call was no task; the Inspector asked ${methods.join(", ")}`);
  } finally {
    await proxy.close();
  }
}
