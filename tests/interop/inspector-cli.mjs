// The Inspector's command line: inspector-cli.mjs legacy|modern stdio BINARY | http URL TOKEN
// Each command is a session of its own, and over stdio a server of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { steps } from './steps.mjs';

const [generation, kind, where, token] = process.argv.slice(2);
const server =
  kind === 'stdio'
    ? ['--', where, 'serve', '--demo', '--access', 'destroy']
    : ['--server-url', where, '--transport', 'http', '--header', `Authorization: Bearer ${token}`];

/** The Inspector's code for an answer that is an error. */
const TOOL_ERROR = 5;

function inspect(method, ...options) {
  const common = ['--cli', '--format', 'json', '--quiet', '--protocol-era', generation, '--method', method];
  const run = spawnSync('mcp-inspector', [...common, ...options, ...server], { encoding: 'utf8' });
  assert.ok([0, TOOL_ERROR].includes(run.status), `${run.status}: ${run.stdout}${run.stderr}`);
  return { failed: run.status === TOOL_ERROR, told: JSON.parse(run.stdout).result };
}

const list = async () => inspect('tools/list', '--strict').told.tools;

async function call(name, args) {
  const { failed, told } = inspect('tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args));
  assert.equal(failed, told.isError === true);
  return told;
}

if (kind === 'http') {
  await steps({ list, call });
} else {
  // Nothing outlives a command here, so what was confirmed cannot be looked at in the next.
  const names = (await list()).map((tool) => tool.name);
  assert.ok(names.includes('list_controls') && names.includes('find_tools'));
  const frameworks = await call('list_frameworks', {});
  assert.ok(frameworks.structuredContent.items.some((framework) => framework.id === 'soc2'));
  assert.equal((await call('terminate_panel_account', { user: 'baker' })).structuredContent.changed, false);
  assert.equal((await call('terminate_panel_account', { user: 'baker', confirm: 'yes' })).isError, true);
  assert.notEqual((await call('terminate_panel_account', { user: 'baker', confirm: 'baker' })).isError, true);
}
const prompts = inspect('prompts/list').told.prompts;
assert.ok(prompts.some((prompt) => prompt.name === 'failing_controls'));
