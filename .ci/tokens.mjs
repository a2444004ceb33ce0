// Counts what tools/list costs an assistant, in tokens of o200k_base, and keeps the figures of docs/tools.md true.
//
//   node .ci/tokens.mjs BINARY [--write]
//
// Fails where the default list costs more than it may, or where that page has other figures; --write corrects them.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const { encode } = createRequire(`${process.env.TOKENIZER ?? "."}/`)("gpt-tokenizer/encoding/o200k_base");
const [binary, write] = process.argv.slice(2);
const MOST_TOOLS = 32;
const MOST_TOKENS = 9000;
// What is no operation, in every list.
const OWN = ["server_status", "find_tools", "run_read_tool", "run_write_tool", "run_destroy_tool"];

function measure(access, toolsets) {
  const flags = ["tools", "--demo", "--json", "--access", access, "--toolsets", toolsets];
  const text = execFileSync(binary, flags, { env: {}, encoding: "utf8", maxBuffer: 1 << 26 }).trim();
  const names = JSON.parse(text).tools.map((tool) => tool.name);
  return { tools: names.length, tokens: encode(text).length };
}

const read = measure("read", "default");
const full = measure("destroy", "default");
const all = measure("destroy", "all");
const figure = (number) => number.toLocaleString("en-US");
const told = `The default list has ${read.tools} tools, ${figure(read.tokens)} tokens, at the access level \`read\`, and ${full.tools} tools, \
${figure(full.tokens)} tokens, at \`destroy\`. All ${all.tools} (operations, jobs, \`${OWN.join("\`, \`")}\`) are ${figure(all.tokens)} tokens \
(o200k_base).`;
console.log(told);

const path = new URL("../docs/tools.md", import.meta.url);
const page = readFileSync(path, "utf8");
const fresh = page.replace(/<!-- tokens -->\n[^]*?<!-- \/tokens -->/, `<!-- tokens -->\n${told}\n<!-- /tokens -->`);
if (full.tools > MOST_TOOLS || full.tokens > MOST_TOKENS) {
  console.error(`the default list may have ${MOST_TOOLS} tools and ${MOST_TOKENS} tokens`);
  process.exit(1);
}
if (fresh !== page) {
  if (write !== "--write") {
    console.error("docs/tools.md has other figures; run node .ci/tokens.mjs with --write");
    process.exit(1);
  }
  writeFileSync(path, fresh);
}
