import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { ProcessRegistry } from "../processes/process-registry.ts";
import { lockFolder } from "./folder-lock.ts";

/** The DynamoDB engine could not be started; `message` ends with what it said. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code = "ENGINE_FAILED";
}

/** Where the engine listens. The promise waits while it is being started anew. */
export interface Engine {
  endpoint(): Promise<string>;
  close(): Promise<void>;
}

const STARTS = 5;
const STOP_MS = 2000;

/** An engine somebody else runs. */
export function externalEngine(endpoint: string): Engine {
  return { endpoint: () => Promise.resolve(endpoint), close: () => Promise.resolve() };
}

/**
 * Runs Dynoxide on `dir/dynamodb.db` as a child, which does not outlive this process. A child that dies is
 * started anew. Its data outlives every kill.
 * @throws EngineError, FolderInUseError
 */
export async function startEngine(dir: string): Promise<Engine> {
  const engine = new DynoxideEngine(dir);
  try {
    await engine.endpoint();
  } catch (cause) {
    await engine.close();
    throw cause;
  }
  return engine;
}

class DynoxideEngine implements Engine {
  readonly #database: string;
  readonly #lock: { release(): void };
  readonly #processes: ProcessRegistry;
  #child: ChildProcess | undefined;
  #endpoint: Promise<string>;
  #closing = false;

  constructor(dir: string) {
    // First of all: the registry ends the children of whoever had the folder before.
    this.#lock = lockFolder(dir);
    this.#database = resolve(dir, "dynamodb.db");
    this.#processes = ProcessRegistry.open(join(dir, "processes.jsonl"));
    this.#endpoint = this.#start();
  }

  endpoint(): Promise<string> {
    return this.#endpoint;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled([this.#endpoint]);
    const child = this.#child;
    if (child !== undefined && isRunning(child)) {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await exited;
      clearTimeout(timer);
    }
    this.#processes.close();
    this.#lock.release();
  }

  /** The port is free when it is chosen and may be taken when the child wants it, so there are several tries. */
  async #start(): Promise<string> {
    let said = "";
    for (let tries = 0; tries < STARTS; tries++) {
      const port = await freePort();
      const started = await this.#spawn(port);
      if (started === undefined) return `http://127.0.0.1:${port}`;
      said = started;
    }
    throw new EngineError(`Dynoxide ended ${STARTS} times at its start: ${said.trim()}`);
  }

  /** Resolves once the child listens, or with what it wrote before it ended. */
  async #spawn(port: number): Promise<string | undefined> {
    const child = spawn(
      binaryPath(),
      ["serve", "--host", "127.0.0.1", "--port", String(port), "--db-path", this.#database],
      { env: {}, stdio: ["ignore", "pipe", "pipe"], detached: true },
    );
    const { pid } = child;
    this.#child = child;
    if (pid !== undefined) {
      this.#processes.add(pid);
      child.once("exit", () => this.#processes.remove(pid));
    }
    let said = "";
    const failed = await new Promise<string | undefined>((settle, reject) => {
      const listen = (text: Buffer) => {
        said = (said + text.toString()).slice(-2000);
        if (said.includes("listening on")) settle(undefined);
      };
      child.stdout.on("data", listen);
      child.stderr.on("data", listen);
      child.once("error", (cause) => reject(new EngineError("Dynoxide cannot be run.", { cause })));
      child.once("exit", () => settle(said || "nothing"));
    });
    if (failed === undefined) {
      child.once("exit", () => this.#restart());
      if (!isRunning(child)) this.#restart();
    }
    return failed;
  }

  #restart(): void {
    if (this.#closing) return;
    this.#endpoint = this.#start();
    // Whoever asks for the endpoint gets the failure; until then it is nobody's.
    this.#endpoint.catch(() => undefined);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** The binary is a package of its own per platform, and an optional one. @throws EngineError */
function binaryPath(): string {
  const name = `@dynoxide/${process.platform}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), process.platform === "win32" ? "dynoxide.exe" : "dynoxide");
  } catch (cause) {
    throw new EngineError(
      `${name} is not installed; name the endpoint of another DynamoDB engine instead.`,
      { cause },
    );
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
