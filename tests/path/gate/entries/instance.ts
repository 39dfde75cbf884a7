import { startLocalCloud } from "@zenode/cli";

const [state = "", bundles = ""] = process.argv.slice(2);

/** What `zenode start` runs, with bundles that have the tool `gate`; to be killed. */
const { mcpUrl } = await startLocalCloud({
  state,
  bundles,
  port: 0,
  log: (entry) => console.log(JSON.stringify(entry)),
});
console.log(`zenode ready ${mcpUrl}`);
