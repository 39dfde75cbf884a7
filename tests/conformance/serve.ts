import { pathToFileURL } from "node:url";
import { createCalls, MINUTE, type Principal, type Projects, ToolRegistry } from "@zenode/core";
import { createMcpEndpoint, type McpEndpoint } from "@zenode/core/mcp";
import { MemoryEventLog } from "../../packages/core/src/testing/event-log-memory.ts";
import { MemoryJobStore } from "../../packages/core/src/testing/job-store-memory.ts";
import { MemorySessionStore } from "../../packages/core/src/testing/session-store-memory.ts";
import { systemClock } from "../../packages/node/src/clock-node.ts";
import { runJob } from "../../packages/worker/src/run-job.ts";
import { type HttpHost, startHttpHost } from "./http-host.ts";
import { conformancePack } from "./pack.ts";

const PRINCIPAL: Principal = {
  tenant: "u-conformance",
  subject: "conformance",
  username: "conformance",
  clientId: "conformance",
  issuer: "https://issuer.test",
  scopes: new Set(["admin"]),
  expiresAt: Number.MAX_SAFE_INTEGER,
};

/** Requests go to these in turn: nothing may depend on landing where the last one did. */
const ENDPOINTS = 3;

/** Fixtures touch no files and no processes. */
const NO_PROJECTS = {} as Projects;
const NO_COMPUTER = {
  checkout: () => Promise.reject(new Error("Fixtures check nothing out.")),
  ripgrep: "",
  dispose: () => Promise.resolve(),
};

/** The platform's own code over memory stores, with workers in this process. For one principal. */
export async function startConformanceServer(): Promise<HttpHost> {
  const clock = systemClock;
  const log = new MemoryEventLog(clock);
  const jobs = new MemoryJobStore(clock);
  const registry = new ToolRegistry(conformancePack.tools);
  const shutdown = new AbortController();
  const report = (error: unknown) => process.stderr.write(`${String(error)}\n`);
  const worker = {
    jobs,
    log,
    clock,
    registry,
    projects: () => NO_PROJECTS,
    computer: () => Promise.resolve(NO_COMPUTER),
  };
  const launcher = {
    launch: (order: Parameters<typeof runJob>[1]) => {
      runJob(worker, order, shutdown.signal).catch(report);
      return Promise.resolve({ kind: "launched" as const, taskArn: "in-process" });
    },
  };
  const ports = {
    registry,
    nativeTools: conformancePack.nativeTools,
    extend: conformancePack.extend,
    calls: createCalls({ jobs, log, launcher, clock, projects: () => NO_PROJECTS }),
    sessions: new MemorySessionStore(clock),
    log,
    clock,
    serverInfo: { name: "zenode-conformance", version: "0.1.0" },
    resourceMetadataUrl: "http://127.0.0.1/.well-known/oauth-protected-resource/mcp",
    requestStateKey: crypto.getRandomValues(new Uint8Array(32)),
    report,
  };
  const host = await startHttpHost((origin) => {
    const endpoints = Array.from({ length: ENDPOINTS }, () =>
      createMcpEndpoint({ ...ports, allowedOrigins: [origin] }),
    );
    return (request) => {
      const [endpoint] = endpoints.splice(0, 1) as [McpEndpoint];
      endpoints.push(endpoint);
      const deadline = clock.now() + 5 * MINUTE;
      return endpoint.handle(request, {
        principal: PRINCIPAL,
        deadline,
        waitUntil: () => undefined,
      });
    };
  });
  return {
    ...host,
    close: async () => {
      shutdown.abort();
      await host.close();
    },
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const host = await startConformanceServer();
  process.stdout.write(`${host.origin}/mcp\n`);
}
