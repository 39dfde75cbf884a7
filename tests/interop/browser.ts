import { passPage } from "../harness/sign-in.ts";

/** Stands in for a browser: opens an address, signs in at the hosted page, and comes to the callback. */
const start = new URL(process.argv[2] ?? "");
const callback = start.searchParams.get("redirect_uri") ?? "";
const username = process.env.ZENODE_USERNAME ?? "";
const password = process.env.ZENODE_PASSWORD ?? "";
const arrived = await fetch(await passPage(start, callback, { username, password }));
await arrived.text();
