// The Inspector's command line: inspector-cli.mjs VERSION stdio BINARY | http URL TOKEN | sse URL TOKEN
// Each command is a session of its own, and over stdio a server of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { steps } from './steps.mjs';

const [version, kind, where, token] = process.argv.slice(2);
const era = version === '2026-07-28' ? 'modern' : 'legacy';

/** The Inspector's codes: a caller who is not let in, and an answer that is an error. */
const AUTH_REQUIRED = 3;
const TOOL_ERROR = 5;

function server(token) {
  if (kind === 'stdio') return ['--', where, 'serve', '--demo', '--access', 'destroy'];
  const url = kind === 'sse' ? new URL('/sse', where).href : where;
  return ['--server-url', url, '--transport', kind, '--header', `Authorization: Bearer ${token}`];
}

function run(token, method, ...options) {
  const common = ['--cli', '--format', 'json', '--quiet', '--protocol-era', era, '--method', method];
  return spawnSync('mcp-inspector', [...common, ...options, ...server(token)], { encoding: 'utf8' });
}

function inspect(method, ...options) {
  const { status, stdout, stderr } = run(token, method, ...options);
  assert.ok([0, TOOL_ERROR].includes(status), `${status}: ${stdout}${stderr}`);
  return { failed: status === TOOL_ERROR, told: JSON.parse(stdout).result };
}

async function call(name, args) {
  const { failed, told } = inspect('tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args));
  assert.equal(failed, told.isError === true);
  return told;
}

assert.equal(inspect('initialize').told.protocolVersion, version);
const { prompts } = inspect('prompts/list').told;
assert.ok(prompts.some((prompt) => prompt.name === 'triage_failing_tests'));
await steps({ list: async () => inspect('tools/list', '--strict').told.tools, call, lasting: kind !== 'stdio' });
if (kind !== 'stdio') {
  // Without the option it would want to show a page to log in with.
  const { status, stdout, stderr } = run('vmcp_wrong', 'tools/list', '--stored-auth-only');
  assert.equal(status, AUTH_REQUIRED, `${status}: ${stdout}${stderr}`);
}
