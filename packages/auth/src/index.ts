export type { Client, ClientRegistry } from "./client/client.ts";
